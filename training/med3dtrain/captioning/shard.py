"""Parts of a job for several machines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from Med3DInsightLib.errors import UserError

from ..datasets.volume_list import ListedVolume

_WRITTEN = re.compile(r"(\d+)/(\d+)")
_IN_NAME = re.compile(r"\.(\d+)-of-(\d+)(?=\.[^.]*$|$)")


@dataclass(frozen=True)
class JobShard:
    """One of so many parts: number is from 1 to count.

        shard = JobShard.parse("2/3")
        shard.of(volumes)                       # those of its volumes, in their order
        shard.file(Path("captions.jsonl"))      # captions.2-of-3.jsonl

    A volume belongs to a shard by its name alone, so that volumes that are added later, or a folder that is
    mounted elsewhere on another machine, move none of the others. Raises UserError for a part that cannot be.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise UserError(f"there is no shard {self.number}/{self.count}", next_step=f"choose 1/{self.count} or so")

    @classmethod
    def parse(cls, text: str) -> JobShard:
        """The shard written as NUMBER/COUNT."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise UserError(f"'{text}' is not a shard", next_step="write NUMBER/COUNT, such as 1/3")
        return cls(int(found.group(1)), int(found.group(2)))

    def of(self, volumes: Sequence[ListedVolume]) -> list[ListedVolume]:
        """Those volumes that are its own."""
        return [each for each in volumes if self._holds(each.name)]

    def file(self, path: Path) -> Path:
        """The file of the shard beside the file of the whole."""
        return path.with_name(f"{path.stem}.{self.number}-of-{self.count}{path.suffix}")

    def _holds(self, name: str) -> bool:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1


def missing_shards(paths: Sequence[Path]) -> list[int]:
    """The numbers of shards that are not among paths, as far as their names tell."""
    found = [match for path in paths if (match := _IN_NAME.search(path.name))]
    if len(found) < len(paths) or len({match.group(2) for match in found}) != 1:
        return []
    return sorted(set(range(1, int(found[0].group(2)) + 1)) - {int(match.group(1)) for match in found})
