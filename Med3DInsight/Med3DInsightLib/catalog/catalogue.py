"""Lists of models, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from .entry import CatalogueEntry
from .errors import CatalogueError
from .sources import FolderSource, ShippedSource
from .texts import is_absolute

FORMAT_VERSION = 1
"""The version of the format that this code writes and the newest that it reads."""

LARGEST_CATALOGUE_BYTES = 10_000_000
_ASK = "tell whoever keeps this catalogue"


@dataclass(frozen=True)
class Catalogue:
    """Models by names that differ, also where small and capital letters are the same.

    catalogue = read_catalogue(Path("/share/models/catalogue.json"))
    catalogue.entry("liver")
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    format_version: int
    models: tuple[CatalogueEntry, ...]

    def __post_init__(self) -> None:
        counts = Counter(entry.name.lower() for entry in self.models)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"two models have the name '{twice[0]}'")

    def entry(self, name: str) -> CatalogueEntry | None:
        """The entry of that name, or None."""
        return next((entry for entry in self.models if entry.name == name), None)


def shipped_catalogue_path() -> Path:
    """The catalogue that comes with the extension."""
    return Path(__file__).resolve().parents[2] / "Resources" / "Med3DInsight" / "Models" / "catalogue.json"


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in a file; folders in it are absolute then.

    Raises CatalogueError for what cannot be read, is too large, too new, or not as the format says.
    """
    try:
        with open(path, "rb") as stream:
            content = stream.read(LARGEST_CATALOGUE_BYTES + 1)
    except OSError as error:
        raise CatalogueError(
            f"the catalogue cannot be read ({error.strerror or error})", path, "check the path, and that it is a file"
        ) from error
    catalogue = parse_catalogue(content, str(path))
    base = path.resolve().parent
    if path.resolve() != shipped_catalogue_path():
        _refuse(catalogue, ShippedSource, "says that it is shipped, which only the extension's own catalogue can", path)
    return replace(catalogue, models=tuple(_resolved(entry, base) for entry in catalogue.models))


def catalogue_from_web(content: bytes, address: str) -> Catalogue:
    """The catalogue in what came from an address.

    Folders are refused in it: who writes a page should not tell this computer which of its folders, or of those in
    its network, to look into. Raises CatalogueError as read_catalogue() does.
    """
    catalogue = parse_catalogue(content, address)
    _refuse(catalogue, ShippedSource, "says that it is shipped, which only the extension's own catalogue can", address)
    _refuse(catalogue, FolderSource, "is in a folder, which only a catalogue that is a file can say", address)
    return catalogue


def parse_catalogue(content: bytes, place: str) -> Catalogue:
    """The catalogue in content, as it stands there; raises CatalogueError, which names place."""
    if len(content) > LARGEST_CATALOGUE_BYTES:
        raise CatalogueError(f"the catalogue is larger than {LARGEST_CATALOGUE_BYTES} bytes", place, _ASK)
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"the catalogue is not valid JSON ({error})", place, _ASK) from error
    _check_version(entries, place)
    try:
        return TypeAdapter(Catalogue).validate_python(entries)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the catalogue"
        raise CatalogueError(f"{where}: {first['msg']}", place, _ASK) from error


def catalogue_text(catalogue: Catalogue) -> str:
    """A catalogue as JSON."""
    return TypeAdapter(Catalogue).dump_json(catalogue, indent=2, exclude_defaults=False).decode("utf-8") + "\n"


def _check_version(entries: Any, place: str) -> None:
    version = entries.get("format_version") if isinstance(entries, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise CatalogueError("the catalogue has no format_version that is a whole number from 1 on", place, _ASK)
    if version > FORMAT_VERSION:
        cause = f"the catalogue has format version {version}, this Med3DInsight reads up to {FORMAT_VERSION}"
        raise CatalogueError(cause, place, "update Med3DInsight")


def _refuse(catalogue: Catalogue, kind: type, why: str, place: str | Path) -> None:
    for entry in catalogue.models:
        if isinstance(entry.source, kind):
            raise CatalogueError(f"the model '{entry.name}' {why}", place, _ASK)


def _resolved(entry: CatalogueEntry, base: Path) -> CatalogueEntry:
    if not isinstance(entry.source, FolderSource) or is_absolute(entry.source.path):
        return entry
    return replace(entry, source=FolderSource(str(base / entry.source.path)))
