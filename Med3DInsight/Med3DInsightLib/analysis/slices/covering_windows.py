"""The windows in which an encoder with PSAT sees a volume, and how much of a slice is in each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ...volumes import Framing, Grid, Preparation, Recipe, SlicePlace, Volume
from ...volumes.cells import faces_within
from ...volumes.separable import positions_along_axes
from ...volumes.slices import slice_axis
from ..windows.estimate import model_shape
from ..windows.tiling import Tiling

_LEAST_OVERLAP = 0.25
_ROUNDING = 1e-4  # of a voxel


@dataclass(frozen=True, eq=False)
class CoveringWindows:
    """A prepared volume and windows of the recipe's patch that cover it, at multiples of a stride.

        windows = CoveringWindows.of(volume, card.recipe, backbone.strides[-1])
        windows.field_of_view(0)                # the grid that the encoder sees in window 0
        windows.shares(0, places)               # how much of each slice lies in it

    A volume that fits into one patch has one window. Along longer axes the windows' grid is the model grid up to
    a multiple of the stride, so that the tokens of all windows share one lattice. Resampling may give a volume one
    model voxel of which most lies outside; it makes no further window, so that the middle of an outermost
    slice may be up to half a model voxel outside the windows.
    """

    input_grid: Grid
    grid: Grid
    tiling: Tiling

    @classmethod
    def of(cls, volume: Volume, recipe: Recipe, stride: int) -> CoveringWindows:
        """Prepare a volume by a recipe whose patch is a multiple of stride along each axis, and cover it.

        Raises ValueError if the patch is none.
        """
        patch = recipe.patch_kji
        if any(size % stride for size in patch):
            raise ValueError(f"the patch {patch} is not a multiple of the stride {stride}")
        prepared = Preparation.of(volume, recipe)
        k, j, i = (
            _extended(last, window, stride) for last, window in zip(_last_centres_kji(prepared), patch, strict=True)
        )
        extended = Framing.box(prepared.model_grid, (0, 0, 0), (k, j, i))
        array = np.ascontiguousarray(extended.apply(prepared.array_kji))
        axes = [aligned_starts(size, window, stride) for size, window in zip((k, j, i), patch, strict=True)]
        corners = [(at_k, at_j, at_i) for at_k, at_j, at_i in product(*axes)]
        return cls(prepared.input_grid, extended.target, Tiling.at(array, patch, corners))

    @staticmethod
    def count_for(grid: Grid, recipe: Recipe, stride: int) -> int:
        """About how many windows a volume on grid will have, without its voxels."""
        sizes = zip(model_shape(grid, recipe), recipe.patch_kji, strict=True)
        return math.prod(len(aligned_starts(_multiple(size, stride), window, stride)) for size, window in sizes)

    @property
    def count(self) -> int:
        """How many windows there are."""
        return len(self.tiling.corners)

    def field_of_view(self, window: int) -> Grid:
        """Where a window is in the patient."""
        return Framing.box(self.grid, self.tiling.corners[window], self.tiling.window_kji).target

    def shares(self, window: int, places: Sequence[SlicePlace]) -> NDArray[np.float32]:
        """For each slice (S,) the share of its area that lies in a window, 0 if it does not cross the window.

        Slices are those of grids with axes parallel to this one's; only what is within the volume counts.
        """
        corner = np.array(self.tiling.corners[window][::-1])
        size = np.array(self.tiling.window_kji[::-1])
        low, high = faces_within(self.grid, self.input_grid)
        inside = np.minimum(high, corner + size - 0.5) - np.maximum(low, corner - 0.5)
        covered = np.clip(inside / (high - low), 0.0, 1.0)
        far = np.array(self.grid.shape_ijk) - 0.5
        shares = np.zeros(len(places), dtype=np.float32)
        for number, place in enumerate(places):
            axis = slice_axis(self.grid, place.plane)
            at = np.clip(self.grid.ijk_of(place.position_ras_mm), -0.5, far)[axis] - corner[axis]
            if -0.5 - _ROUNDING <= at <= size[axis] - 0.5 + _ROUNDING:
                shares[number] = np.prod(np.delete(covered, axis))
        return shares


def _last_centres_kji(prepared: Preparation) -> list[float]:
    """Where the last voxel centres of the input lie along the model grid, in its voxels."""
    along = positions_along_axes(prepared.turn.target, prepared.model_grid)
    return [float(positions[-1]) for positions in along]


def _extended(last_centre: float, window: int, stride: int) -> int:
    """How many voxels windows have to cover, the last voxel centre of the input being there."""
    least = math.ceil(last_centre - _ROUNDING)
    return window if least <= window else math.ceil(least / stride) * stride


def aligned_starts(size: int, window: int, stride: int) -> list[int]:
    """First voxels of windows that cover an axis, evenly spread, each a multiple of stride.

    size and window are multiples of stride. Neighbours share at least a quarter of a window, less where
    the multiples do not allow it.
    """
    count = math.ceil((size - window) / (window * (1 - _LEAST_OVERLAP))) + 1
    ends = np.linspace(0, size - window, count)
    return sorted({round(end / stride) * stride for end in ends})


def _multiple(size: int, stride: int) -> int:
    return stride * -(-size // stride)
