"""Colours of outlines that are seen on grey images."""

from __future__ import annotations

from collections.abc import Sequence

from ..volumes.segments import Segment

# The standard colours of tissues are nearly white, which is hard to see on an image.
_FEW = ("#4cc9f0", "#ff5d8f", "#ffd60a", "#80ed99", "#b388ff", "#ff9f1c")
_DARKEST = 0.4


def outline_colors(segments: Sequence[Segment]) -> list[str]:
    """The colours (#rrggbb) of the outlines of segments, in their order.

    Few segments get colours that are easily told apart. More of them have their own, which the two sides of a
    structure share, and which readers of atlases know; dark ones are mixed with white.
    """
    if len(segments) <= len(_FEW):
        return list(_FEW[: len(segments)])
    return [_visible(segment.color_rgb) for segment in segments]


def _visible(rgb: tuple[int, int, int]) -> str:
    # Rec. 709 weights, which tell how bright a colour looks.
    luminance = sum(weight * value / 255.0 for weight, value in zip((0.2126, 0.7152, 0.0722), rgb, strict=True))
    white = max(0.0, (_DARKEST - luminance) / (1.0 - luminance)) if luminance < 1.0 else 0.0
    return "#" + bytes(round(value + white * (255 - value)) for value in rgb).hex()
