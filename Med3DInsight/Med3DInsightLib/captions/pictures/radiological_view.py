"""Slices as a radiologist sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...volumes import Plane, Reorientation, SlicePlace, Volume
from ...volumes.slices import slice_axis
from ..errors import CaptionError

SIDES = {Plane.AXIAL: "RLAP", Plane.CORONAL: "RLSI", Plane.SAGITTAL: "APSI"}
"""The direction in the patient at the left, right, upper and lower side of a picture of each plane."""

_VIEW_CODES = "LPS"


@dataclass(frozen=True, eq=False)
class RadiologicalSlice:
    """The voxels of a slice in the order of a picture, and how far apart they are in the patient.

    array is (rows, columns), from the upper left. row_mm and column_mm are the distances between rows and
    columns of voxels along their axes; skew is the cosine of the angle between the two axes, 0 unless the
    grid is sheared.
    """

    array: NDArray[Any]
    row_mm: float
    column_mm: float
    skew: float


def radiological_slice(volume: Volume, place: SlicePlace) -> RadiologicalSlice:
    """The slice at place, with the patient's right on the left of axial and coronal pictures.

    Anterior is up in axial pictures; superior is up in coronal and sagittal ones, with anterior on the
    left of sagittal ones. An oblique volume is shown along its own axes, in the plane that is most
    parallel to the anatomical one: nothing is interpolated across slices.

    Raises CaptionError if place is not a slice of the grid of the volume.
    """
    grid = volume.grid
    if place.plane not in SIDES or place.count != grid.shape_ijk[slice_axis(grid, place.plane)]:
        raise CaptionError(f"the {place.plane} slice {place.index} of {place.count} is not a slice of this volume")
    turn = Reorientation.to(grid, _VIEW_CODES)
    grows = grid.axis_codes[slice_axis(grid, place.plane)] in _VIEW_CODES
    index = place.index if grows else place.count - 1 - place.index
    across = slice_axis(turn.target, place.plane)
    # A view: numpy's take() would copy the whole volume first where an axis is flipped.
    array = np.moveaxis(turn.apply(volume.array_kji), 2 - across, 0)[index]
    column_axis, row_axis = (axis for axis in range(3) if axis != across)
    spacing, directions = turn.target.spacing_ijk_mm, turn.target.directions_ras
    skew = float(directions[:, column_axis] @ directions[:, row_axis])
    if place.plane != Plane.AXIAL:  # rows grow towards superior, which is up
        array, skew = array[::-1], -skew
    # Copied once: of a sagittal slice every voxel lies in another part of memory.
    return RadiologicalSlice(np.ascontiguousarray(array), float(spacing[row_axis]), float(spacing[column_axis]), skew)


def pixel_sizes(view: RadiologicalSlice, longest_side: int) -> tuple[tuple[int, int], tuple[int, int], float]:
    """Sizes (height, width) of the slice in square pixels before and after its skew is drawn, and mm per pixel."""
    rows_mm = view.array.shape[0] * view.row_mm
    columns_mm = view.array.shape[1] * view.column_mm
    height_mm = rows_mm * np.sqrt(1.0 - view.skew**2)
    width_mm = columns_mm + abs(view.skew) * rows_mm
    pixel_mm = float(max(height_mm, width_mm) / longest_side)

    def pixels(length_mm: float) -> int:
        return max(1, round(length_mm / pixel_mm))

    return (pixels(rows_mm), pixels(columns_mm)), (pixels(height_mm), pixels(width_mm)), pixel_mm
