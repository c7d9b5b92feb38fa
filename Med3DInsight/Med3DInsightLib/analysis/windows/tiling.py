"""Covering a volume with overlapping windows, and putting what was computed for them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .window_grid import Indices, window_corners

_GAUSSIAN_SIGMA = 0.125  # of the window's size, as in nnU-Net (Isensee et al. 2021) and MONAI
_SMALLEST_WEIGHT = 1e-3


def gaussian_importance(window_kji: Indices) -> Tensor:
    """Weights (K, J, I) that trust the middle of a window more than its border; at most 1."""
    weights = torch.ones(())
    for size in window_kji:
        offsets = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
        axis = torch.exp(-0.5 * (offsets / (_GAUSSIAN_SIGMA * size)) ** 2)
        weights = weights[..., None] * axis
    return weights.clamp_min(_SMALLEST_WEIGHT)


@dataclass(frozen=True)
class Tiling:
    """The windows of one prepared volume, (K, J, I), scaled so that background is 0.

        tiling = Tiling.of(array_kji, (64, 64, 64), overlap=0.5)
        tiling.batch([0, 1]).shape       # (2, 1, 64, 64, 64)

    representative tells for every window which one a network need run on: windows of pure background
    are all the same to it, so they share the first of them and cost one run together.
    """

    array_kji: Tensor
    window_kji: Indices
    corners: tuple[Indices, ...]
    representative: tuple[int, ...]

    @classmethod
    def of(cls, array_kji: NDArray[np.float32], window_kji: Indices, overlap: float) -> Tiling:
        """Windows that cover array_kji, which must be at least one window large."""
        shape = (int(array_kji.shape[0]), int(array_kji.shape[1]), int(array_kji.shape[2]))
        return cls.at(array_kji, window_kji, window_corners(shape, window_kji, overlap))

    @classmethod
    def at(cls, array_kji: NDArray[np.float32], window_kji: Indices, corners: Sequence[Indices]) -> Tiling:
        """The windows of array_kji whose first voxels are corners."""
        volume = torch.from_numpy(array_kji)
        empty = [_is_empty(volume[_place(corner, window_kji)]) for corner in corners]
        first_empty = empty.index(True) if any(empty) else -1
        representative = tuple(first_empty if empty[index] else index for index in range(len(corners)))
        return cls(volume, window_kji, tuple(corners), representative)

    @property
    def distinct(self) -> list[int]:
        """The windows that a network has to run on, in order."""
        return sorted(set(self.representative))

    def batch(self, windows: list[int]) -> Tensor:
        """The voxels of some windows, (B, 1, K, J, I)."""
        return torch.stack([self.array_kji[_place(self.corners[window], self.window_kji)][None] for window in windows])

    def places(self, window: int) -> list[tuple[slice, slice, slice]]:
        """Where window and those it represents are, in KJI voxels of the volume."""
        shared = (index for index, first in enumerate(self.representative) if first == window)
        return [_place(self.corners[index], self.window_kji) for index in shared]


class ScoreSum:
    """Averages the class scores of overlapping windows, weighted by a Gaussian.

    total = ScoreSum(tiling, classes=4)
    for window in tiling.distinct: total.add(window, scores_of(window))
    total.mean()         # (4, K, J, I), float32, on the CPU
    """

    def __init__(self, tiling: Tiling, classes: int) -> None:
        self._tiling = tiling
        self._importance = gaussian_importance(tiling.window_kji)
        self._scores = torch.zeros((classes, *tiling.array_kji.shape))
        self._weights = torch.zeros(tiling.array_kji.shape)

    def add(self, window: int, scores: Tensor) -> None:
        """Add scores (classes, K, J, I) of a window wherever that window, or one it represents, is."""
        on_cpu = scores.to("cpu", torch.float32)
        for place in self._tiling.places(window):
            self._scores[(slice(None), *place)].addcmul_(on_cpu, self._importance)
            self._weights[place] += self._importance

    def mean(self) -> Tensor:
        """The mean scores; the sum is used up, so call it once."""
        return self._scores.div_(self._weights)


def _is_empty(window: Tensor) -> bool:
    """Whether all voxels are 0; most windows are not, which a few of their voxels tell."""
    return not window[::8, ::8, ::8].any() and not window.any()


def _place(corner: Indices, window_kji: Indices) -> tuple[slice, slice, slice]:
    k, j, i = (slice(first, first + size) for first, size in zip(corner, window_kji, strict=True))
    return k, j, i
