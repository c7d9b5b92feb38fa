"""The key of a server: from the environment or the keyring, and never shown."""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import dataclass, field

from ..errors import CaptionError

KEY_VARIABLE = "MED3DINSIGHT_API_KEY"
"""The environment variable that is read unless another is named."""

KEYRING_SERVICE = "med3dinsight"
"""The service under which the keyring holds keys; the user name is the host."""

_HIDDEN = "***"


@dataclass(frozen=True)
class ApiKey:
    """A secret that neither str() nor repr() tells; empty for servers that want none.

        key = ApiKey.find("llm.example.org")            # MED3DINSIGHT_API_KEY, or else the keyring

    The keyring is asked with `keyring set med3dinsight llm.example.org` in mind, and only if the package
    keyring is installed. A key that other programs use, such as OPENAI_API_KEY, is read only if it is named.
    """

    value: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if any(not 32 < ord(char) < 127 for char in self.value):
            raise CaptionError("the key of the server has spaces or unusual characters", next_step="set it again")

    @classmethod
    def find(cls, host: str, variable: str = KEY_VARIABLE) -> ApiKey:
        """The key for host, empty if there is none.

        Raises CaptionError if the keyring is locked or broken, or the key cannot be one.
        """
        value = os.environ.get(variable, "").strip()
        if not value and importlib.util.find_spec("keyring") is not None:
            value = _from_keyring(host)
        return cls(value)

    def headers(self) -> dict[str, str]:
        """What a request carries to prove itself."""
        return {"Authorization": f"Bearer {self.value}"} if self.value else {}

    def hidden_in(self, text: str) -> str:
        """A text without the key, which some servers repeat in their errors."""
        return text.replace(self.value, _HIDDEN) if self.value else text

    def __str__(self) -> str:
        return _HIDDEN if self.value else ""


def _from_keyring(host: str) -> str:
    keyring = importlib.import_module("keyring")
    errors = importlib.import_module("keyring.errors")
    try:
        return keyring.get_password(KEYRING_SERVICE, host) or ""
    except errors.NoKeyringError:
        return ""
    except errors.KeyringError as error:
        raise CaptionError(
            f"the keyring does not give the key of {host} ({type(error).__name__})",
            next_step=f"unlock it, or set {KEY_VARIABLE}",
        ) from error
