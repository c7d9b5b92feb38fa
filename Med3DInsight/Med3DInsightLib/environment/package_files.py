"""What the files say about one package; nothing of it is imported."""

from __future__ import annotations

import csv
import email
import importlib.metadata
import re
import sys
from collections.abc import Sequence
from email.message import Message
from functools import cached_property
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import NamedTuple

from .requirement_language import canonical

_LIBRARIES = (".so", ".pyd", ".dll", ".dylib")
_VALUE = r"""\s*(?::[^=\n]+)?=(?:\s*\w+\s*=)*\s*["']([^"'\n]+)["']"""
_IN_INIT = re.compile(rf"^__version__{_VALUE}", re.MULTILINE)
_IN_VERSION_FILE = re.compile(rf"^(?:__version__|VERSION){_VALUE}", re.MULTILINE)
_VERSION_FILES = {"version.py": _IN_VERSION_FILE, "_version.py": _IN_VERSION_FILE, "__init__.py": _IN_INIT}


class OwnVersion(NamedTuple):
    """What a package says of itself; certain if it stands in a file of its own, which builds write or read."""

    text: str = ""
    certain: bool = False


def text_of(distribution: importlib.metadata.Distribution, name: str) -> str:
    """A file that describes a distribution; empty where it is missing or no text."""
    try:
        return distribution.read_text(name) or ""
    except UnicodeDecodeError:
        return ""


def metadata_of(distribution: importlib.metadata.Distribution) -> Message:
    """The metadata of a distribution, empty where it cannot be read (distribution.metadata raises)."""
    return email.message_from_string(text_of(distribution, "METADATA") or text_of(distribution, "PKG-INFO"))


class PackageFiles:
    """Metadata and modules of a package, each of which may be there without the other.

        files = PackageFiles("torch")
        files.recorded_version       # "2.8.0+cu126": from the metadata, what pip goes by
        files.own_version.text       # the same: from version.py, what the package says of itself

    import_name is the name with underscores, which is so for all packages needed here; of others only the
    metadata is asked for. search_path is sys.path unless given.
    """

    def __init__(self, name: str, search_path: Sequence[str] | None = None) -> None:
        self.name = name
        self.import_name = name.replace("-", "_")
        self.search_path = list(sys.path if search_path is None else search_path)

    @cached_property
    def distributions(self) -> tuple[importlib.metadata.Distribution, ...]:
        """All metadata of the package in the first folder that has any; more than one is one too many."""
        found = list(importlib.metadata.distributions(name=self.name, path=self.search_path))
        folders = [Path(str(distribution.locate_file(""))) for distribution in found]
        return tuple(each for each, folder in zip(found, folders, strict=True) if folder == folders[0])

    @property
    def recorded_versions(self) -> tuple[str, ...]:
        """The versions that the metadata tells, each once; empty where it tells none."""
        versions = (metadata_of(distribution)["Version"] or "" for distribution in self.distributions)
        return tuple(dict.fromkeys(versions))

    @property
    def recorded_version(self) -> str:
        """The version that the metadata tells, or nothing."""
        return next(iter(self.recorded_versions), "")

    @property
    def requires(self) -> tuple[str, ...]:
        """The requirements of the package, as its metadata tells them."""
        return tuple(line for distribution in self.distributions[:1] for line in distribution.requires or ())

    @cached_property
    def spec(self) -> ModuleSpec | None:
        """Where Python would import the package from."""
        return PathFinder.find_spec(self.import_name, self.search_path)

    @property
    def is_empty_folder(self) -> bool:
        """Whether only a folder without __init__.py is there, which Python imports as an empty namespace."""
        return self.spec is not None and self.spec.origin is None

    @property
    def own_version(self) -> OwnVersion:
        """The version that the package tells of itself in a file; empty if it does not."""
        if self.spec is None or self.spec.origin is None:
            return OwnVersion()
        origin = Path(self.spec.origin)
        files = _VERSION_FILES if self.spec.submodule_search_locations else {origin.name: _IN_INIT}
        for name, told in files.items():
            path = origin.parent / name
            found = told.search(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else None
            if found is not None:
                return OwnVersion(found.group(1), certain=told is _IN_VERSION_FILE)
        return OwnVersion()

    @property
    def lost_files(self) -> tuple[str, ...]:
        """Recorded libraries and top-level modules that are not there (thousands of other files are not looked at)."""
        lost = []
        for distribution in self.distributions[:1]:
            record = text_of(distribution, "RECORD").splitlines()
            paths = [row[0] for row in csv.reader(record) if row]
            here = [path for path in paths if self._matters(path)]
            lost += [path for path in here if not Path(str(distribution.locate_file(path))).is_file()]
        return tuple(lost)

    @property
    def records(self) -> int:
        """How many lists of files there are, by which pip can uninstall; more than one after an interrupted update."""
        return sum(bool(text_of(distribution, "RECORD")) for distribution in self.distributions)

    def remains(self) -> tuple[Path, ...]:
        """Every file and folder of the package and its metadata, also what pip renamed to ~ackage and forgot.

        Looks only into folders that the package is imported from or recorded in.
        """
        renamed = f"~{self.import_name[1:]}"
        modules = {self.import_name, f"{self.import_name}.py", renamed}
        found = []
        for folder in self._folders():
            for path in sorted(folder.iterdir()):
                described = path.stem.partition("-")[0] if path.suffix in {".dist-info", ".egg-info"} else ""
                if path.name in modules or described == renamed or canonical(described) == canonical(self.name):
                    found.append(path)
        return tuple(found)

    def _folders(self) -> list[Path]:
        folders = [Path(str(distribution.locate_file(""))) for distribution in self.distributions]
        if self.spec is not None and self.spec.submodule_search_locations is not None:
            folders += [Path(location).parent for location in self.spec.submodule_search_locations]
        elif self.spec is not None and self.spec.origin is not None:
            folders.append(Path(self.spec.origin).parent)
        return list(dict.fromkeys(folders))

    def _matters(self, path: str) -> bool:
        parts = path.split("/")
        if parts[0] in {"..", ""} or not path.endswith((".py", *_LIBRARIES)):
            return False
        return path.endswith(_LIBRARIES) or parts[:-1] == [self.import_name]
