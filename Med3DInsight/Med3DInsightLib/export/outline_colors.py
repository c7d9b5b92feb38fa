"""Colours of outlines that are seen on grey images."""

from __future__ import annotations

# The standard colours of tissues are nearly white, which is hard to see on an image.
_COLORS = ("#4cc9f0", "#ff5d8f", "#ffd60a", "#80ed99", "#b388ff", "#ff9f1c")


def outline_color(number: int) -> str:
    """The colour (#rrggbb) of the outline of the segment with that position in its list; they repeat after six."""
    return _COLORS[number % len(_COLORS)]
