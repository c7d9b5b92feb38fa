"""How slices and positions are told in a report."""

from __future__ import annotations

from collections.abc import Iterable

from ...volumes import Plane, SlicePlace

_ALONG = {Plane.AXIAL: "S", Plane.CORONAL: "A", Plane.SAGITTAL: "R"}  # where positions grow

NUMBERING = (
    "Slices are numbered from 0 in the order of the voxels. Positions are in mm towards the patient's right (R), "
    "anterior (A) and superior (S). Axial and coronal pictures show the patient's right on the left."
)


def along(plane: Plane) -> str:
    """The direction in the patient in which positions of slices of a plane grow."""
    return _ALONG[plane]


def slice_words(plane: Plane, index: int, position_mm: float) -> str:
    """A slice by plane, index and its position along the normal, such as "axial slice 80, S 12.5 mm"."""
    return f"{plane} slice {index}, {along(plane)} {position_mm:.1f} mm"


def place_words(place: SlicePlace) -> str:
    """See slice_words()."""
    return slice_words(place.plane, place.index, place.offset_ras_mm)


def position_words(position_ras_mm: Iterable[float]) -> str:
    """A position in RAS mm, such as "R 10.0, A -3.5, S 40.1 mm"."""
    parts = (f"{axis} {mm:.1f}" for axis, mm in zip("RAS", position_ras_mm, strict=True))
    return f"{', '.join(parts)} mm"
