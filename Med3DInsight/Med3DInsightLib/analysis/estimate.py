"""How long an analysis will take and how much memory it needs, told before it runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..volumes import Framing, Grid, Recipe, Reorientation, grid_with_spacing
from .window_grid import window_corners

_SCRATCH_BYTES = 150_000_000  # of convolutions and allocators, beside the tensors themselves
_BYTES_PER_INPUT_VOXEL = 8  # the volume, its labels, and slabs on the way
_SECONDS_PER_INPUT_VOXEL = 3e-8  # preparing and restoring, seen on one core


@dataclass(frozen=True)
class Estimate:
    """What a run will probably cost; memory in bytes, beyond what the process holds already."""

    windows: int
    seconds: float
    memory_bytes: int
    available_bytes: int

    @property
    def fits(self) -> bool:
        """Whether the memory that is free now is probably enough."""
        return self.memory_bytes <= self.available_bytes


@dataclass(frozen=True)
class WindowCost:
    """What one window costs a network: measured seconds, and memory in bytes."""

    seconds: float
    memory_bytes: int


def estimate_run(
    grid: Grid, recipe: Recipe, classes: int, overlap: float, cost: WindowCost, available_bytes: int
) -> Estimate:
    """The estimate for a volume on grid, of which every window costs the same."""
    turned = Reorientation.to(grid, recipe.orientation).target
    shape = Framing.at_least(grid_with_spacing(turned, recipe.spacing_ijk_mm), recipe.patch_kji).target.shape_kji
    windows = len(window_corners(shape, recipe.patch_kji, overlap))
    model_voxels, input_voxels = float(np.prod(shape)), float(np.prod(grid.shape_kji))
    memory = 4 * (classes + 2) * model_voxels + _BYTES_PER_INPUT_VOXEL * input_voxels + cost.memory_bytes
    seconds = windows * cost.seconds + _SECONDS_PER_INPUT_VOXEL * input_voxels
    return Estimate(windows, seconds, int(memory) + _SCRATCH_BYTES, available_bytes)
