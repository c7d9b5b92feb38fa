"""The same text on slices that cannot look the same."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from .text_checks import words_of

_SHINGLE = 3
_MOST_GROUPS = 64


def shingles(text: str) -> frozenset[int]:
    """The three-word sequences of a text, as hashes that hold within this process (Broder 1997)."""
    words = words_of(text)
    length = min(_SHINGLE, max(1, len(words)))
    return frozenset(hash(tuple(words[start : start + length])) for start in range(len(words) - length + 1))


def jaccard(first: frozenset[int], second: frozenset[int]) -> float:
    """What two sets share, from 0 to 1; two empty sets are equal."""
    either = len(first | second)
    return len(first & second) / either if either else 1.0


Name = TypeVar("Name")


class SeenTexts(Generic[Name]):
    """The texts of the slices so far, to find those that say the same on slices far from each other.

        seen = SeenTexts(similarity=0.9, distance_mm=30.0)
        seen.repeated_by(group, "first", 12.0, "Normal axial CT slice of the liver.")     # [], and remembered
        seen.repeated_by(group, "second", 80.0, "Normal axial CT slice of the liver.")    # ["first"]

    A group is what is compared: one plane of one volume, by one source. The 64 groups used last are
    remembered, so that thousands of volumes need no more memory than a few.
    """

    def __init__(self, similarity: float, distance_mm: float) -> None:
        self._similarity = similarity
        self._distance_mm = distance_mm
        self._groups: dict[Hashable, list[tuple[Name, float, frozenset[int]]]] = {}

    def repeated_by(self, group: Hashable, name: Name, position_mm: float, text: str) -> list[Name]:
        """The earlier texts of the group, at least distance_mm away, that are as similar; text is remembered."""
        earlier = self._groups.pop(group, [])
        self._groups[group] = earlier  # the last used is the last to be forgotten
        if len(self._groups) > _MOST_GROUPS:
            del self._groups[next(iter(self._groups))]
        own = shingles(text)
        found = [
            other_name
            for other_name, other_mm, other in earlier
            if abs(position_mm - other_mm) >= self._distance_mm and jaccard(own, other) >= self._similarity
        ]
        earlier.append((name, position_mm, own))
        return found
