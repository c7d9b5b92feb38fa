"""What a slice of a phantom shows, and what a caption says of it, rightly or wrongly."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.volumes import Plane

from .anatomy import ORGANS

PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
_ARRAY_AXES = {Plane.AXIAL: 0, Plane.CORONAL: 1, Plane.SAGITTAL: 2}  # of [k, j, i]
_SMALL, _LARGE, _ASIDE = 0.004, 0.04, 0.25

Contents = NDArray[np.float64]
"""(organs, 3): the share of the slice that each organ takes, and where its middle is, from -1 to 1 along the slice's
first and second axis in the order right, anterior, superior; zeros for an organ that is not there."""


class WrongCaption(StrEnum):
    """In which way a caption is wrong."""

    SWAPPED = "swapped"
    """It is that of another slice, of any volume."""
    WRONG_ORGAN = "wrong organ"
    """Every organ is called by the name of another."""
    WRONG_SIDE = "wrong side"
    """Right and left, front and back are exchanged, and so are the organs that a patient has twice."""
    WRONG_PLANE = "wrong plane"
    """It is that of a slice of the same volume, in another plane."""
    GENERIC = "generic"
    """It names the plane, and nothing that is in it."""
    EMPTY = "empty"
    """It has no words."""


def contents_of(labels_kji: NDArray[np.uint8], plane: Plane, index: int) -> Contents:
    """What the slice of a phantom's labels with this index shows."""
    shown = np.take(labels_kji, index, axis=_ARRAY_AXES[plane])  # [second axis, first axis]
    places = (np.arange(len(shown)) - (len(shown) - 1) / 2) * 2 / len(shown)
    contents = np.zeros((len(ORGANS), 3))
    for number in np.unique(shown[shown > 0]):
        of_organ = shown == number
        second, first = np.nonzero(of_organ)
        contents[number - 1] = of_organ.mean(), places[first].mean(), places[second].mean()
    return contents


def words_of(contents: Contents, plane: Plane) -> NDArray[np.float64]:
    """What a caption says, (3 + 3 organs): the plane, and of each organ if it is small or large, and on which side."""
    size = np.select([contents[:, 0] >= _LARGE, contents[:, 0] >= _SMALL], [1.0, 0.5], 0.0)
    sides = np.sign(contents[:, 1:]) * (np.abs(contents[:, 1:]) > _ASIDE) * (size > 0)[:, None]
    return np.concatenate([_named(plane), size, sides.ravel()])


def picture_of(contents: Contents, plane: Plane) -> NDArray[np.float64]:
    """What a look at the slice tells: as words_of(), but sizes and places as they are."""
    size = np.sqrt(contents[:, 0])
    return np.concatenate([_named(plane), 2 * size, (contents[:, 1:] * (size > 0)[:, None]).ravel()])


def organ_mistaken(contents: Contents) -> Contents:
    """Every organ called by the name of the next but two."""
    return np.roll(contents, 3, axis=0)


def side_mistaken(contents: Contents) -> Contents:
    """Mirrored, with the names of paired organs exchanged."""
    names = [organ.name for organ in ORGANS]
    others = {"right": "left", "left": "right"}
    partners = [" ".join(others.get(word, word) for word in name.split()) for name in names]
    order = [names.index(partner) for partner in partners]
    mirrored: Contents = contents[order] * np.array([1.0, -1.0, -1.0])
    return mirrored


def generic_words(plane: Plane) -> NDArray[np.float64]:
    """The plane and nothing else."""
    return np.concatenate([_named(plane), np.zeros(3 * len(ORGANS))])


def empty_words() -> NDArray[np.float64]:
    """Nothing at all."""
    return np.zeros(len(PLANES) + 3 * len(ORGANS))


def _named(plane: Plane) -> NDArray[np.float64]:
    return np.array([1.0 if plane == one else 0.0 for one in PLANES])
