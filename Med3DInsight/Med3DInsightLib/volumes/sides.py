"""Left and right: of the names of structures, and of the axes of an array."""

from __future__ import annotations

from collections.abc import Sequence

_OTHER = {"left": "right", "right": "left"}


def twins(names: Sequence[str]) -> list[int]:
    """For every name, the index of the same structure on the other side; its own if there is none.

    twins(["brain stem", "left thalamus", "right thalamus"])     # [0, 2, 1]
    """
    return [names.index(_other_side(name, names)) for name in names]


def left_right_axis_kji(orientation: str) -> int:
    """The axis of an array (K, J, I) along which left and right lie, for an orientation such as RAS (of I, J, K)."""
    (axis_ijk,) = (axis for axis, direction in enumerate(orientation) if direction in "LR")
    return 2 - axis_ijk


def _other_side(name: str, names: Sequence[str]) -> str:
    side, _, rest = name.partition(" ")
    other = f"{_OTHER.get(side, side)} {rest}"
    return other if other in names else name
