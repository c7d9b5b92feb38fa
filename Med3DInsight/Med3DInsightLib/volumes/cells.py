"""Grids of cells: each cell is a block of voxels, as a token of an encoder is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .framing import Framing
from .grid import Grid

_ROUNDING = 1e-4  # of a voxel


def cell_grid(grid: Grid, stride: int) -> Grid:
    """The grid whose voxels are blocks of stride voxels a side of grid; a cell is at the middle of its block.

    Raises ValueError if the blocks do not cover grid exactly.
    """
    k, j, i = grid.shape_kji
    if any(size % stride for size in grid.shape_kji):
        raise ValueError(f"blocks of {stride} voxels do not cover the grid {grid.shape_kji}")
    affine = grid.ijk_to_ras.copy()
    affine[:3, :3] *= stride
    affine[:3, 3] = grid.ras_of([(stride - 1) / 2] * 3)
    return Grid((k // stride, j // stride, i // stride), affine)


def faces_within(grid: Grid, other: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the field of view of other begins and ends along I, J and K of grid, in its voxels: two of (3,).

    The field of view of a grid of N voxels goes from -0.5 to N - 0.5.
    """
    corners = np.array(np.meshgrid(*[(-0.5, size - 0.5) for size in other.shape_ijk])).reshape(3, -1).T
    positions = grid.ijk_of(other.ras_of(corners))
    return positions.min(axis=0), positions.max(axis=0)


def part_covering(grid: Grid, other: Grid) -> Framing:
    """The smallest box of voxels of grid that covers the field of view of other, as far as grid does.

    Raises VolumeError if the two do not overlap.
    """
    low, high = faces_within(grid, other)
    first = np.maximum(np.floor(low + 0.5 + _ROUNDING), 0).astype(int)
    end = np.minimum(np.ceil(high + 0.5 - _ROUNDING), grid.shape_ijk).astype(int)
    k, j, i = (int(index) for index in first[::-1])
    size_k, size_j, size_i = (int(size) for size in (end - first)[::-1])
    return Framing.box(grid, (k, j, i), (size_k, size_j, size_i))
