"""Rooms of a package, and what their files import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rooms:
    """The rooms of the package in a folder; a room within a room, named as a/b, is its own.

    may_know tells for each room which others it may import from; the errors of a room are also
    those of the rooms within it.
    """

    folder: Path
    may_know: Mapping[str, set[str]]

    def files_of(self, room: str) -> list[Path]:
        """The Python files of a room."""
        return [path for path in (self.folder / room).rglob("*.py") if self.room_of(path) == room]

    def room_of(self, path: Path) -> str:
        """The room of a file; empty for one beside the rooms."""
        return self.room_named(path.relative_to(self.folder).parent.as_posix())

    def room_named(self, folder: str) -> str:
        """The innermost room that a folder, or a module written as one, belongs to."""
        rooms = sorted(self.may_know, key=len, reverse=True)
        return next((room for room in rooms if f"{folder}/".startswith(f"{room}/")), "")

    def imports_of(self, path: Path) -> set[str]:
        """Absolute names of everything a file imports, relative imports resolved."""
        package = [self.folder.name, *path.relative_to(self.folder).parent.parts]
        names = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                prefix = ".".join([*base, *([node.module] if node.module else [])])
                names |= {f"{prefix}.{alias.name}" for alias in node.names}
        return names

    def strangers(self, room: str) -> Iterator[str]:
        """What the files of a room import from rooms that it may not know, as sentences."""
        prefix = f"{self.folder.name}."
        for path in self.files_of(room):
            for name in sorted(self.imports_of(path)):
                other = self.room_named(name.removeprefix(prefix).replace(".", "/"))
                if ".errors." in name and room.startswith(f"{other}/"):
                    continue
                if name.startswith(prefix) and other and other not in self.may_know[room] | {room}:
                    yield f"{path.relative_to(self.folder)} imports {name}"
