"""How much of a body is in the slices of a volume."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...volumes import Plane, SlicePlace, Volume, slices_of
from ...volumes.slices import slice_axis
from ..pictures.foreground import foreground


class BodyBySlice:
    """Counts the voxels of the body (see foreground()) in every slice; once for all planes.

    body = BodyBySlice(volume)
    body.voxels(Plane.AXIAL)            # (number of axial slices,)
    body.slices(Plane.AXIAL, 0.02)      # without those in the air above a head
    """

    def __init__(self, volume: Volume) -> None:
        self._volume = volume

    def voxels(self, plane: Plane) -> NDArray[np.int64]:
        """The voxels of the body in each slice of a plane, by index."""
        return self._by_axis_ijk[slice_axis(self._volume.grid, plane)]

    def slices(self, plane: Plane, least_share: float) -> tuple[SlicePlace, ...]:
        """The slices with at least this share (0 to 1) of the body of the fullest one; all if there is no body."""
        voxels = self.voxels(plane)
        places = slices_of(self._volume.grid, plane)
        return tuple(place for place in places if voxels[place.index] >= least_share * voxels.max())

    @cached_property
    def _by_axis_ijk(self) -> tuple[NDArray[np.int64], ...]:
        mask_kji = foreground(self._volume)
        columns = np.count_nonzero(mask_kji, axis=0)
        rows = np.count_nonzero(mask_kji, axis=2)
        return columns.sum(0), columns.sum(1), rows.sum(1)
