"""Slices of a volume: which plane, which one, and where in the patient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import VolumeError
from .grid import Grid

Vector = tuple[float, float, float]


class Plane(StrEnum):
    """The anatomical plane that a slice is closest to, or a plane chosen freely."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"
    OBLIQUE = "oblique"


ANATOMICAL_PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
"""The planes whose slices are slices of a grid."""


_CODES_ACROSS = {Plane.AXIAL: "SI", Plane.CORONAL: "AP", Plane.SAGITTAL: "RL"}
_POSITIVE_CODES = "RAS"


@dataclass(frozen=True)
class SlicePlace:
    """Where one slice is: a value that captions, networks and panels pass around.

        place = slice_of(volume.grid, Plane.AXIAL, 80)
        place.normal_ras             # (0.0, 0.17, 0.98) where the scan was tilted by 10 degrees
        place.offset_ras_mm          # the S coordinate in mm, if the scan was not tilted

    index and count number the slices as the array does: from 0, along the voxel axis that runs across
    the plane, so that a file written in another orientation numbers them the other way round.
    normal_ras (unit vector) and position_ras_mm (the slice's centre, in mm) do not depend on that. A
    plane has two normals; which of them is given makes no difference to where the slice is.

    Raises ValueError for an index outside the count or a normal that is not of length 1.
    """

    plane: Plane
    normal_ras: Vector
    position_ras_mm: Vector
    index: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise ValueError(f"slice {self.index} is not one of 0 to {self.count - 1}")
        if not abs(np.linalg.norm(self.normal_ras) - 1.0) < 1e-6:
            raise ValueError(f"the normal {self.normal_ras} is not of length 1")

    @property
    def offset_ras_mm(self) -> float:
        """How far the slice is from the origin of RAS along its normal, in mm with a sign."""
        return self.offset_mm((0.0, 0.0, 0.0))

    def offset_mm(self, from_ras_mm: ArrayLike) -> float:
        """How far the slice is from a RAS position (in mm) along its normal, in mm with a sign."""
        return float(np.dot(self.normal_ras, np.subtract(self.position_ras_mm, from_ras_mm)))


def slice_axis(grid: Grid, plane: Plane) -> int:
    """The IJK axis (0, 1 or 2) of grid along which the slices of an anatomical plane are numbered.

    Raises ValueError for an oblique plane, whose slices are not slices of the grid.
    """
    if plane not in _CODES_ACROSS:
        raise ValueError(f"the slices of a grid are axial, coronal or sagittal, not {plane}")
    return next(axis for axis, code in enumerate(grid.axis_codes) if code in _CODES_ACROSS[plane])


def slices_of(grid: Grid, plane: Plane) -> tuple[SlicePlace, ...]:
    """All slices of grid in an anatomical plane, by index.

    They are the slices of the array, for every orientation, tilt and shear of the grid: the normal is
    perpendicular to the slice as it was scanned, and points to the right, to anterior or superior.
    """
    return _places(grid, plane, range(grid.shape_ijk[slice_axis(grid, plane)]))


def slice_of(grid: Grid, plane: Plane, index: int) -> SlicePlace:
    """The slice of grid with that index; see slices_of().

    Raises VolumeError if there is no such slice.
    """
    count = grid.shape_ijk[slice_axis(grid, plane)]
    if not 0 <= index < count:
        raise VolumeError(f"there is no {plane} slice {index}", next_step=f"choose one of 0 to {count - 1}")
    return _places(grid, plane, [index])[0]


def slice_at(grid: Grid, plane: Plane, position_ras_mm: ArrayLike) -> SlicePlace:
    """The slice of grid that a RAS position in mm, shape (3,), falls into.

    Raises VolumeError if the position is before the first slice or behind the last.
    """
    return slice_of(grid, plane, int(np.rint(grid.ijk_of(position_ras_mm)[slice_axis(grid, plane)])))


def place_in(crop: Grid, place: SlicePlace) -> SlicePlace:
    """The slice at place, numbered as the slices of crop, a part of its volume, are.

    Plane, normal and position stay as they are, to the bit; index is that of the nearest slice of crop. So
    conditioning on mm and conditioning on indices are both told the truth about the field of view. Raises
    ValueError for an oblique plane.
    """
    axis = slice_axis(crop, place.plane)
    count = crop.shape_ijk[axis]
    index = int(np.clip(np.rint(crop.ijk_of(place.position_ras_mm)[axis]), 0, count - 1))
    return SlicePlace(place.plane, place.normal_ras, place.position_ras_mm, index, count)


def oblique_slices(grid: Grid, normal_ras: ArrayLike, step_mm: float) -> tuple[SlicePlace, ...]:
    """Slices across grid with any normal (RAS, any length), step_mm apart, centred in the grid.

    Raises ValueError for a normal of length 0 or a step that is not positive.
    """
    length = float(np.linalg.norm(normal_ras))
    if not (length > 0 and step_mm > 0):
        raise ValueError(f"the normal {np.asarray(normal_ras)} and the step of {step_mm} mm must be longer than 0")
    normal = np.asarray(normal_ras, dtype=np.float64) / length
    count = max(1, int(2 * half_extent_mm(grid, normal) / step_mm))
    middle = centre_ras_mm(grid)
    return tuple(
        SlicePlace(Plane.OBLIQUE, _vector(normal), _vector(middle + step_mm * steps * normal), index, count)
        for index, steps in enumerate(np.arange(count) - (count - 1) / 2)
    )


def centre_ras_mm(grid: Grid) -> NDArray[np.float64]:
    """The middle of the field of view of grid, in RAS mm."""
    return grid.ras_of((np.array(grid.shape_ijk) - 1) / 2)


def half_extent_mm(grid: Grid, normal_ras: ArrayLike) -> float:
    """How far the field of view of grid reaches from its centre along a unit normal (RAS), in mm.

    The field of view ends at the outer faces of the outermost voxels.
    """
    edges_ras_mm = grid.ijk_to_ras[:3, :3] * np.array(grid.shape_ijk)
    return float(np.abs(np.asarray(normal_ras) @ edges_ras_mm).sum() / 2)


def _places(grid: Grid, plane: Plane, indices: Iterable[int]) -> tuple[SlicePlace, ...]:
    axis = slice_axis(grid, plane)
    normal = _vector(_normal_ras(grid, axis))
    position_ijk = (np.array(grid.shape_ijk) - 1) / 2
    places = []
    for index in indices:
        position_ijk[axis] = index
        position = _vector(grid.ras_of(position_ijk))
        places.append(SlicePlace(plane, normal, position, index, grid.shape_ijk[axis]))
    return tuple(places)


def _normal_ras(grid: Grid, axis: int) -> NDArray[np.float64]:
    """The unit normal of the slices across an IJK axis; in a sheared grid that is not the axis itself."""
    first, second = (grid.directions_ras[:, other] for other in range(3) if other != axis)
    normal = np.cross(first, second)
    normal /= np.linalg.norm(normal)
    along = float(normal @ grid.directions_ras[:, axis])
    grows = grid.axis_codes[axis] in _POSITIVE_CODES
    return np.asarray(normal if (along > 0) == grows else -normal)


def _vector(values: NDArray[np.float64]) -> Vector:
    return float(values[0]), float(values[1]), float(values[2])
