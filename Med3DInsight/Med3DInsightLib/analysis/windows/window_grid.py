"""Where the overlapping windows of a volume are."""

from __future__ import annotations

import math
from itertools import product

Indices = tuple[int, int, int]


def window_starts(size: int, window: int, overlap: float) -> list[int]:
    """First voxels of the windows along an axis; the last window ends with the axis.

    size must be at least window; neighbours share at least the fraction overlap.
    """
    step = max(1, int(window * (1.0 - overlap)))
    count = math.ceil((size - window) / step) + 1
    return [min(index * step, size - window) for index in range(count)]


def window_corners(shape_kji: Indices, window_kji: Indices, overlap: float) -> list[Indices]:
    """First voxels (k, j, i) of all windows, k slowest."""
    axes = [window_starts(size, window, overlap) for size, window in zip(shape_kji, window_kji, strict=True)]
    return [(k, j, i) for k, j, i in product(*axes)]
