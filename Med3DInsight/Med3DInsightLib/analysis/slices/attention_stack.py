"""Where in the patient an encoder looked for each slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...volumes import Grid, SlicePlace
from ...volumes.coarse_maps import map_on_grid
from .attention_choice import AttentionChoice


@dataclass(frozen=True, eq=False)
class AttentionStack:
    """For S slices how much the read-out took from each token, (S, k, j, i) float32 on one coarse grid.

        stack.map_of(80, volume.grid)           # of the slice with index 80, on the grid of the volume

    The map of a slice sums to 1 over all tokens; those outside the volume are not on the grid, so that what is
    missing from 1 was looked for in padding. For volumes of several windows see TokenStitching. grid says where
    the tokens are in the patient, in RAS mm.
    """

    places: tuple[SlicePlace, ...]
    maps_kji: NDArray[np.float32]
    grid: Grid
    choice: AttentionChoice
    encoded_windows: int

    def map_of(self, index: int, target: Grid) -> NDArray[np.float32]:
        """The attention of the slice with that index at the voxels of target; see map_on_grid().

        Raises KeyError if the stack does not have the slice.
        """
        numbers = {place.index: number for number, place in enumerate(self.places)}
        # Half a voxel of the model may lie outside the windows, see CoveringWindows.
        return map_on_grid(self.maps_kji[numbers[index]], self.grid, target, border_voxel=1)
