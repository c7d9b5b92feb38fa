"""Who describes slices or answers questions about them, as requests say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ...captions.prompting import Sampling
from ..computing.device import Device

if TYPE_CHECKING:  # the client of servers takes a while to import, and few requests name one
    from ...captions.remote import ChatSettings, UploadConsent


@dataclass(frozen=True)
class LabelMapSentences:
    """Sentences about what label maps say; see LabelsBackend. No model is needed, and no picture drawn."""

    seed: int = 0
    detailed: int = 6
    kind: Literal["labels"] = "labels"


@dataclass(frozen=True)
class LocalModel:
    """A multimodal language model on this computer; see TransformersSettings.

    model is a folder, or an id of the Hugging Face hub whose files are in its cache. dtype is auto, float32, bfloat16
    or float16. With a batch of more than 1, several slices are described at once and come together.
    """

    model: str
    revision: str = ""
    device: Device = Device.AUTO
    dtype: str = "auto"
    batch: int = 1
    allow_download: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    kind: Literal["transformers"] = "transformers"


@dataclass(frozen=True)
class ChatServer:
    """A multimodal language model behind the OpenAI chat API; see ChatSettings.

    Pictures go to hosts of allowed_hosts only, which the user has named for that; to this computer without naming only
    with trust_loopback, since a tunnel to another one may begin here. A key is never a part of a request: it
    comes from the environment or the keyring of the process that sends.
    """

    url: str
    model: str
    allowed_hosts: tuple[str, ...] = ()
    trust_loopback: bool = False
    revision: str = ""
    concurrency: int = 8
    timeout_s: float = 300.0
    attempts: int = 6
    ca_file: str = ""
    proxy: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    kind: Literal["openai"] = "openai"

    @property
    def host(self) -> str:
        """The host that would get the pictures; raises CaptionError if url is not the address of one."""
        from ...captions.remote.consent import host_of

        return host_of(self.url)

    @property
    def consent(self) -> UploadConsent:
        """Where pictures may go; raises CaptionError if allowed_hosts holds something else than hosts."""
        from ...captions.remote import UploadConsent

        return UploadConsent(self.allowed_hosts, self.trust_loopback)

    @property
    def settings(self) -> ChatSettings:
        """How the server is asked; raises ValueError for what cannot be, CaptionError for a url that is none."""
        from ...captions.remote import ChatSettings, RetrySettings

        return ChatSettings(
            self.url,
            self.model,
            self.revision,
            self.concurrency,
            self.sampling,
            RetrySettings(self.attempts),
            self.timeout_s,
            ca_file=Path(self.ca_file) if self.ca_file else None,
            proxy=self.proxy,
        )

    def check_consent(self) -> None:
        """Raises CaptionError unless the user has allowed the host, and the proxy if there is one."""
        consent = self.consent
        consent.check(self.url)
        if self.proxy:
            consent.check(self.proxy)


PictureBackendChoice = Annotated[LocalModel | ChatServer, Field(discriminator="kind")]
"""A backend that looks at pictures, so that it can be asked about them."""

BackendChoice = Annotated[LabelMapSentences | LocalModel | ChatServer, Field(discriminator="kind")]
"""Any backend that describes slices."""
