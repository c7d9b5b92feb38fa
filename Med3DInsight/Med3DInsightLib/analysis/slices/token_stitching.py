"""Values of the tokens of many windows on one lattice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .covering_windows import CoveringWindows


class TokenStitching:
    """Puts together what windows say about tokens, for S slices and every attended level.

        stitching = TokenStitching(windows, slices=3, strides=(8, 16))
        stitching.add(0, numbers, shares, [finer, coarser])     # maps (n, k, j, i) of some of the slices
        stitching.on_finest()                                   # (S, k, j, i), each slice sums to 1

    Each window's map counts as much as the share of the slice's area that it holds, as its embedding does. A
    token gets the mean over the windows that saw it: a sum would make seams where windows overlap. Strides
    are in voxels of the windows' grid, finest first.
    """

    def __init__(self, windows: CoveringWindows, slices: int, strides: Sequence[int]) -> None:
        self._windows = windows
        self._strides = tuple(strides)
        shapes = [tuple(size // stride for size in windows.grid.shape_kji) for stride in self._strides]
        self._sums = [np.zeros((slices, *shape), dtype=np.float32) for shape in shapes]
        self._counts = [np.zeros((slices, *shape), dtype=np.float32) for shape in shapes]

    def add(
        self,
        window: int,
        numbers: NDArray[np.intp],
        shares: NDArray[np.float32],
        levels: Sequence[NDArray[np.float32]],
    ) -> None:
        """Add what a window says of the slices numbers (n,), of which it holds these shares (n,) of the area."""
        weights = shares[:, None, None, None]
        corner = self._windows.tiling.corners[window]
        for level, stride, sums, count in zip(levels, self._strides, self._sums, self._counts, strict=True):
            first = (at // stride for at in corner)
            box = tuple(slice(at, at + size) for at, size in zip(first, level.shape[1:], strict=True))
            for row, number in enumerate(numbers):
                sums[(number, *box)] += weights[row] * level[row]
                count[(number, *box)] += 1

    def on_finest(self) -> NDArray[np.float32]:
        """All levels together on the lattice of the finest, (S, k, j, i), scaled so that each slice sums to 1.

        Call it once. A coarser token's value is shared equally by the finer cells that it covers, so that sums
        are kept and nothing crosses the border of a window.
        """
        finest = self._strides[0]
        whole: NDArray[np.float32] = np.zeros_like(self._sums[0])
        for sums, count, stride in zip(self._sums, self._counts, self._strides, strict=True):
            sums /= np.maximum(count, np.float32(1))  # the sums are used up
            whole += _spread(sums, stride // finest)
        scale = whole.sum(axis=(1, 2, 3), keepdims=True)
        whole /= np.where(scale > 0, scale, np.float32(1))
        return whole


def _spread(maps: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Maps (S, k, j, i) on cells that are factor times smaller along each axis, with the same sums."""
    for axis in (1, 2, 3):
        maps = np.repeat(maps, factor, axis)
    return maps / np.float32(factor**3)
