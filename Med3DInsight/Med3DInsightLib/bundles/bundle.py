"""Opening, verifying and writing bundles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..errors import UserError
from ..storage import sha256_of_file, write_whole
from .card import FORMAT_VERSION, ModelCard

CARD_FILE = "card.json"
WEIGHTS_FILE = "model.safetensors"
FETCH_AGAIN = "download or copy the bundle again"
"""What to do about a bundle that is damaged."""
_MAY_READ = "check that you are allowed to read it"


class BundleError(UserError):
    """A model bundle is incomplete, damaged or too new."""


class UnreadableBundle(BundleError):
    """The system refuses to read a bundle, which need not be damaged."""


@dataclass(frozen=True)
class Bundle:
    """A model bundle on disk whose card was read.

        bundle = Bundle.open("Models/brain-structures")
        bundle.card.segments
        bundle.verify_weights()          # before anything reads the weights

    open() reads only the card, so that listing many bundles is cheap.
    """

    folder: Path
    card: ModelCard

    @classmethod
    def open(cls, folder: str | Path) -> Bundle:
        """Read the card of the bundle in folder.

        Raises BundleError for a missing or unreadable file, a format version that is too new, or a card with a
        missing, unknown or wrong entry.
        """
        folder = Path(folder)
        path = folder / CARD_FILE
        try:
            for name in (CARD_FILE, WEIGHTS_FILE):
                if not (folder / name).is_file():
                    raise BundleError(f"the bundle has no {name}", folder, FETCH_AGAIN)
            entries = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise _unreadable(error, path) from error
        except (ValueError, RecursionError) as error:
            raise BundleError(f"the card is not valid JSON ({error})", path, FETCH_AGAIN) from error
        _check_version(entries, path)
        try:
            card = _card_adapter().validate_python(entries)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the card"
            raise BundleError(f"{place}: {first['msg']}", path, FETCH_AGAIN) from error
        return cls(folder, card)

    @property
    def weights_path(self) -> Path:
        """The file with the weights."""
        return self.folder / WEIGHTS_FILE

    def verify_weights(self) -> None:
        """Raise BundleError if the weights are not the ones the card was written for."""
        found = sha256_of(self.weights_path)
        if found != self.card.weights_sha256:
            raise BundleError(
                f"the hash of the weights is {found[:12]}..., the card says {self.card.weights_sha256[:12]}...",
                self.weights_path,
                FETCH_AGAIN,
            )


def write_card(folder: Path, card: ModelCard) -> None:
    """Write card.json into folder, replacing an old one in one step."""
    write_whole(folder / CARD_FILE, _card_adapter().dump_json(card, indent=2) + b"\n")


def sha256_of(path: Path) -> str:
    """The SHA-256 hash of a file of a bundle in hexadecimal; raises UnreadableBundle."""
    try:
        return sha256_of_file(path)
    except OSError as error:
        raise _unreadable(error, path) from error


def _unreadable(error: OSError, path: Path) -> UnreadableBundle:
    return UnreadableBundle(f"cannot be read ({error.strerror or error})", path, _MAY_READ)


@cache
def _card_adapter() -> TypeAdapter[ModelCard]:
    """Built once, since that takes a hundred times as long as reading a card, and panels read cards often."""
    return TypeAdapter(ModelCard)


def _check_version(entries: Any, path: Path) -> None:
    if not isinstance(entries, dict) or "format_version" not in entries:
        raise BundleError("the card has no format_version", path, FETCH_AGAIN)
    version = entries["format_version"]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BundleError(f"format_version is {version!r}, not a positive whole number", path, FETCH_AGAIN)
    if version > FORMAT_VERSION:
        raise BundleError(
            f"the bundle has format version {version}, this Med3DInsight reads up to {FORMAT_VERSION}",
            path,
            "update Med3DInsight",
        )
