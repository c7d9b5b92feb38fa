"""Cropping and padding: the same voxels on a smaller or larger grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import VolumeError
from .grid import Grid
from .volume import Volume

Indices = tuple[int, int, int]


@dataclass(frozen=True)
class Framing:
    """A box of voxels cut out of a grid; where the box is larger than the grid, it pads.

    start_kji is the corner of the box in voxels of the source grid and may be negative. Voxels keep
    their RAS positions. undo() puts an array back on the source grid, filling what was cut off, so
    undo(apply(a)) equals a wherever the box covered the grid. Arrays may have leading axes.

        frame = Framing.to_foreground(volume, threshold=0, margin_voxel=2)
        inner = frame.volume(volume)
        labels_on_input_grid = frame.undo(labels_kji, fill=0)
    """

    source: Grid
    target: Grid
    start_kji: Indices

    @classmethod
    def box(cls, grid: Grid, start_kji: Indices, shape_kji: Indices) -> Framing:
        """The box of shape_kji voxels whose first voxel is start_kji of grid."""
        affine = grid.ijk_to_ras.copy()
        affine[:3, 3] = grid.ras_of(np.array(start_kji[::-1]))
        return cls(grid, Grid(shape_kji, affine), start_kji)

    @classmethod
    def to_foreground(cls, volume: Volume, threshold: float, margin_voxel: int = 0) -> Framing:
        """The smallest box around the voxels above threshold, plus a margin within the volume.

        Raises VolumeError if no voxel is above threshold.
        """
        foreground = volume.array_kji > threshold
        if not foreground.any():
            raise VolumeError(f"no voxel is above {threshold:g}", next_step="choose a volume that is not empty")
        start, stop = [], []
        for axis, size in enumerate(volume.grid.shape_kji):
            others = tuple(other for other in range(3) if other != axis)
            occupied = np.flatnonzero(foreground.any(axis=others))
            start.append(max(0, int(occupied[0]) - margin_voxel))
            stop.append(min(size, int(occupied[-1]) + 1 + margin_voxel))
        shape = (stop[0] - start[0], stop[1] - start[1], stop[2] - start[2])
        return cls.box(volume.grid, (start[0], start[1], start[2]), shape)

    @classmethod
    def at_least(cls, grid: Grid, shape_kji: Indices) -> Framing:
        """Padding on both sides to at least shape_kji voxels; axes that are large enough stay."""
        sizes = [max(have, want) for have, want in zip(grid.shape_kji, shape_kji, strict=True)]
        start = [-((size - have) // 2) for size, have in zip(sizes, grid.shape_kji, strict=True)]
        return cls.box(grid, (start[0], start[1], start[2]), (sizes[0], sizes[1], sizes[2]))

    def apply(self, array: NDArray[Any], fill: float = 0) -> NDArray[Any]:
        """The box cut out of array, shape (..., K, J, I) of the source; fill where it sticks out."""
        return _transfer(array, self.source.shape_kji, self.target.shape_kji, self.start_kji, fill)

    def undo(self, array: NDArray[Any], fill: float = 0) -> NDArray[Any]:
        """The array of the box put back on the source grid; fill where the box did not reach."""
        back = (-self.start_kji[0], -self.start_kji[1], -self.start_kji[2])
        return _transfer(array, self.target.shape_kji, self.source.shape_kji, back, fill)

    def volume(self, volume: Volume, fill: float = 0) -> Volume:
        """The part of volume inside the box."""
        return Volume(self.apply(volume.array_kji, fill), self.target, volume.modality)


def _transfer(array: NDArray[Any], have: Indices, want: Indices, start: Indices, fill: float) -> NDArray[Any]:
    if array.shape[-3:] != have:
        raise ValueError(f"the array has shape {array.shape[-3:]}, the grid {have}")
    source: list[Any] = [...]
    target: list[Any] = [...]
    for size, length, first in zip(have, want, start, strict=True):
        low, high = max(0, first), min(size, first + length)
        source.append(slice(low, max(low, high)))
        target.append(slice(low - first, max(low, high) - first))
    cut: NDArray[Any] = array[tuple(source)]
    if cut.shape[-3:] == want:
        return cut
    framed = np.full((*array.shape[:-3], *want), fill, dtype=array.dtype)
    framed[tuple(target)] = cut
    return framed
