"""Label maps whose values have names."""

from __future__ import annotations

from dataclasses import dataclass

from .volume import Volume


@dataclass(frozen=True, eq=False)
class LabelLayer:
    """A label map (KJI, RAS mm) and the name of every value that is a segment.

    A segmentation is a sequence of layers: segments that overlap are in different layers, and every
    layer may have a grid of its own.
    """

    volume: Volume
    names: dict[int, str]
