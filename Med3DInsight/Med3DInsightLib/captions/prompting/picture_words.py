"""What a prompt can tell of pictures: modality, plane, position and sides, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ...volumes import Modality, Plane
from ..pictures.picture import SlicePicture
from ..pictures.radiological_view import SIDES

OF_ONE_PICTURE = frozenset({"plane", "position_mm", "towards", "sides"})
"""Words that differ between pictures, so that a prompt about several cannot hold them."""

_MODALITIES = {Modality.CT: "CT", Modality.MR: "MR", Modality.UNKNOWN: "medical image"}
_TOWARDS = {Plane.AXIAL: "superior", Plane.CORONAL: "anterior", Plane.SAGITTAL: "the patient's right"}
_DIRECTIONS = {
    "R": "the patient's right",
    "L": "the patient's left",
    "A": "anterior",
    "P": "posterior",
    "S": "superior",
    "I": "inferior",
}


def words_about(pictures: Sequence[SlicePicture]) -> dict[str, str]:
    """The words of all pictures of a volume; those of OF_ONE_PICTURE are about the first."""
    first = pictures[0]
    return {
        "modality": _MODALITIES[first.modality],
        "plane": str(first.place.plane),
        "position_mm": _position_mm(first),
        "towards": _towards(first),
        "sides": _sides(first.place.plane),
        "pictures": "\n".join(_line_about(number, each) for number, each in enumerate(pictures, start=1)),
    }


def _line_about(number: int, picture: SlicePicture) -> str:
    place = f"{picture.place.plane} slice {picture.place.index}, at {_position_mm(picture)} mm"
    return f"Picture {number}: {place} towards {_towards(picture)}. {_sides(picture.place.plane)}".rstrip()


def _position_mm(picture: SlicePicture) -> str:
    """Along the normal of the plane (RAS); never -0.0."""
    return f"{round(picture.place.offset_ras_mm, 1) + 0.0:.1f}"


def _towards(picture: SlicePicture) -> str:
    return _TOWARDS.get(picture.place.plane, "its normal")


def _sides(plane: Plane) -> str:
    if plane not in SIDES:
        return ""
    left, right, top, bottom = (_DIRECTIONS[code] for code in SIDES[plane])
    told = f"{left} is on the left of the picture, {right} on its right, {top} at the top, {bottom} at the bottom."
    return told[0].upper() + told[1:]
