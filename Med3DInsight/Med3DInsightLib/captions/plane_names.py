"""What planes are called in texts and tables."""

from __future__ import annotations

from ..volumes import Plane

_NAMES = {
    Plane.AXIAL: ("axial", "transverse", "transaxial", "transversal", "ax", "tra", "horizontal"),
    Plane.CORONAL: ("coronal", "frontal", "cor"),
    Plane.SAGITTAL: ("sagittal", "parasagittal", "midsagittal", "sag"),
}
ADJECTIVES = {plane: tuple(name for name in names if len(name) > 3) for plane, names in _NAMES.items()}
"""The words that may stand before "plane" or "slice"."""


def plane_of_name(name: str) -> Plane | None:
    """The plane of an entry of a table, None if it is not one of the usual words."""
    word = name.strip().lower()
    return next((plane for plane, names in _NAMES.items() if word in names), None)
