"""A volume made ready for a network, and the way back for what the network returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .framing import Framing
from .grid import Grid
from .orientation import Reorientation
from .recipe import Recipe
from .resampling import grid_with_spacing
from .separable import positions_along_axes, resample_parallel
from .volume import Volume


@dataclass(frozen=True)
class Preparation:
    """The steps of a recipe on one volume: reorient, resample, scale, pad; and the way back.

        prepared = Preparation.of(volume, recipe)
        scores = network(prepared.array_kji)     # on prepared.model_grid
        positions = prepared.positions()         # of the voxels of prepared.turn.target among the scores
        prepared.turn.undo(labels)               # on volume.grid, from prepared.turn.target

    The turned grid is the input grid after reorientation: its axes are parallel to the model grid's,
    so interpolation between the two is separable (see positions()).
    """

    array_kji: NDArray[np.float32]
    turn: Reorientation
    resampled_grid: Grid
    padding: Framing

    @classmethod
    def of(cls, volume: Volume, recipe: Recipe) -> Preparation:
        """Apply recipe to volume; the array is float32 between 0 and 1, at least one patch large."""
        turn = Reorientation.to(volume.grid, recipe.orientation)
        grid = grid_with_spacing(turn.target, recipe.spacing_ijk_mm)
        # The last voxel of the new grid may lie outside the volume by half of its own size.
        resampled = resample_parallel(turn.volume(volume), grid, recipe.antialias)
        scaled = recipe.rule_for(volume.modality).apply(resampled.array_kji)
        padding = Framing.at_least(grid, recipe.patch_kji)
        return cls(np.ascontiguousarray(padding.apply(scaled)), turn, grid, padding)

    @property
    def input_grid(self) -> Grid:
        """The grid of the volume that was prepared."""
        return self.turn.source

    @property
    def model_grid(self) -> Grid:
        """The grid of array_kji: turned, resampled and padded."""
        return self.padding.target

    def positions(self) -> tuple[NDArray[np.float64], ...]:
        """For K, J and I: where the turned input voxels lie along the model grid, in its voxels.

        Positions outside the resampled grid are moved to its border, which repeats the outermost
        values over the last fraction of a voxel.
        """
        along = positions_along_axes(self.turn.target, self.model_grid)
        start = [-first for first in self.padding.start_kji]
        sizes = self.resampled_grid.shape_kji
        return tuple(
            np.clip(axis, first, first + size - 1) for axis, first, size in zip(along, start, sizes, strict=True)
        )
