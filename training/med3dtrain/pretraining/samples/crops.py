"""Boxes of a volume that contain a slice. Positions are RAS in mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from Med3DInsightLib.volumes import Framing, Grid
from Med3DInsightLib.volumes.framing import Indices

_ROUNDING = 1e-4  # of a voxel


def contains(grid: Grid, position_ras_mm: ArrayLike) -> bool:
    """Whether a position (3,) is in the field of view of grid, which ends at the outer faces of its voxels."""
    position_ijk = grid.ijk_of(position_ras_mm)
    beyond = np.abs(position_ijk - (np.array(grid.shape_ijk) - 1) / 2) - np.array(grid.shape_ijk) / 2
    return bool((beyond <= _ROUNDING).all())


def random_crop(grid: Grid, size_kji: Indices, position_ras_mm: ArrayLike, generator: np.random.Generator) -> Framing:
    """A box of size_kji voxels inside grid whose field of view contains a position, drawn from all of them alike.

    grid is at least as large as the box. A position outside grid is taken for the nearest one inside.
    """
    voxel_kji = _nearest_voxel_kji(grid, position_ras_mm)
    start = []
    for voxel, size, length in zip(voxel_kji, grid.shape_kji, size_kji, strict=True):
        first, last = max(0, voxel - length + 1), min(voxel, size - length)
        start.append(int(generator.integers(first, last + 1)))
    return Framing.box(grid, (start[0], start[1], start[2]), size_kji)


def centred_crop(grid: Grid, size_kji: Indices, position_ras_mm: ArrayLike) -> Framing:
    """The box of size_kji voxels inside grid whose centre is as near to a position as the border allows."""
    start = [
        min(max(0, voxel - length // 2), size - length)
        for voxel, size, length in zip(_nearest_voxel_kji(grid, position_ras_mm), grid.shape_kji, size_kji, strict=True)
    ]
    return Framing.box(grid, (start[0], start[1], start[2]), size_kji)


def _nearest_voxel_kji(grid: Grid, position_ras_mm: ArrayLike) -> list[int]:
    nearest: NDArray[np.float64] = np.clip(np.rint(grid.ijk_of(position_ras_mm)), 0, np.array(grid.shape_ijk) - 1)
    return [int(index) for index in nearest[::-1]]
