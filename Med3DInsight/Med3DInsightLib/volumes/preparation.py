"""A volume made ready for a network, and the way back for what the network returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    """The steps of a recipe on one volume: reorient, resample, scale, pad; with their inverses.

        prepared = Preparation.of(volume, recipe)
        scores = network(prepared.array_kji)                       # on prepared.model_grid
        labels = prepared.labels_to_input(scores.argmax(0))        # on volume.grid

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

    def labels_to_input(self, labels_kji: NDArray[Any]) -> NDArray[Any]:
        """Labels (K, J, I) of the model grid on the input grid, by nearest neighbour."""
        nearest = [np.rint(axis).astype(np.intp) for axis in self.positions()]
        return self.turn.undo(labels_kji[np.ix_(*nearest)])

    def map_to_input(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Values (..., K, J, I) that cover the model grid, on the input grid by linear interpolation.

        The values may be coarser than the model grid, as feature maps are: their cells are then
        taken as equal blocks of it. The result has shape (..., K, J, I) of the input grid, so use
        it for few channels; labels of many classes are made slab by slab in analysis.
        """
        result = np.asarray(values, dtype=np.float32)
        for axis, along in enumerate(self.positions()):
            dimension = result.ndim - 3 + axis
            cells = result.shape[dimension]
            stride = self.model_grid.shape_kji[axis] / cells
            centred = np.clip((along + 0.5) / stride - 0.5, 0, cells - 1)
            lower = np.minimum(centred.astype(np.intp), max(0, cells - 2))
            weight = (centred - lower).astype(np.float32)
            weight = weight.reshape([-1 if d == dimension else 1 for d in range(result.ndim)])
            upper = np.minimum(lower + 1, cells - 1)
            result = np.take(result, lower, dimension) * (1 - weight) + np.take(result, upper, dimension) * weight
        return self.turn.undo(result)
