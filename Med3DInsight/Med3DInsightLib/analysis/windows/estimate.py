"""How long an analysis will take and how much memory it needs, told before it runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...bundles.card import ModelCard
from ...volumes import Framing, Grid, Recipe, Reorientation, grid_with_spacing
from .window_grid import window_corners

_WORKING_COPIES = 2  # of what a window holds: convolutions reorder tensors, and allocators keep freed ones
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


def estimate_run(grid: Grid, card: ModelCard, overlap: float, cost: WindowCost, available_bytes: int) -> Estimate:
    """The estimate for segmenting a volume on grid, of which every window costs the same."""
    shape = model_shape(grid, card.recipe)
    passes = 2 if card.mirrored_average else 1
    windows = passes * len(window_corners(shape, card.recipe.patch_kji, overlap))
    kept_values = passes * (card.architecture.classes + 2)  # scores, their weights, and the prepared volume
    return estimate_windows(grid, windows, 4 * kept_values * int(np.prod(shape)), cost, available_bytes)


def estimate_windows(grid: Grid, windows: int, kept_bytes: int, cost: WindowCost, available_bytes: int) -> Estimate:
    """The estimate for so many windows of a volume on grid, while kept_bytes are held between them."""
    input_voxels = float(np.prod(grid.shape_kji))
    memory = kept_bytes + _BYTES_PER_INPUT_VOXEL * input_voxels + _WORKING_COPIES * cost.memory_bytes
    seconds = windows * cost.seconds + _SECONDS_PER_INPUT_VOXEL * input_voxels
    return Estimate(windows, seconds, int(memory), available_bytes)


def model_shape(grid: Grid, recipe: Recipe) -> tuple[int, int, int]:
    """The shape (k, j, i) of a volume on grid after its preparation, at least that of the patch."""
    turned = Reorientation.to(grid, recipe.orientation).target
    return Framing.at_least(grid_with_spacing(turned, recipe.spacing_ijk_mm), recipe.patch_kji).target.shape_kji
