"""Left and right: of the names of structures, and of the axes of an array."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OTHER = {"left": "right", "right": "left"}
_SEPARATORS = re.compile(r"[\s_-]+")


def twins(names: Sequence[str]) -> list[int]:
    """For every name, the index of the same structure on the other side; its own if there is none.

    A side is the whole word left or right, wherever it stands in a name and however it is written; twins differ
    in nothing else. Of names that differ only in case or separators, none has a twin.

        twins(["brain stem", "left thalamus", "right thalamus"])     # [0, 2, 1]
        twins(["Kidney_Left", "Kidney_Right", "leftover"])           # [1, 0, 2]
    """
    every = [_words(name) for name in names]
    others = [tuple(_OTHER.get(word, word) for word in words) for words in every]
    has_twin = [every.count(words) == every.count(other) == 1 for words, other in zip(every, others, strict=True)]
    return [every.index(other) if has_twin[index] else index for index, other in enumerate(others)]


def has_side(name: str) -> bool:
    """Whether a word of name is left or right."""
    return any(word in _OTHER for word in _words(name))


def left_right_axis_kji(orientation: str) -> int:
    """The axis of an array (K, J, I) along which left and right lie, for an orientation such as RAS (of I, J, K)."""
    (axis_ijk,) = (axis for axis, direction in enumerate(orientation) if direction in "LR")
    return 2 - axis_ijk


def _words(name: str) -> tuple[str, ...]:
    return tuple(_SEPARATORS.split(name.strip().casefold()))
