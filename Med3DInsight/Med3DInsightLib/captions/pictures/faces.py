"""Heads whose face nobody shall see."""

from __future__ import annotations

from collections.abc import Callable

from ...volumes import Modality, Volume
from ...volumes.errors import VolumeError
from ..errors import CaptionError
from .brain_search import brain_of_ct, brain_of_labels
from .defacing import deface

DEFACED = "defaced"
"""What the source of a caption remarks about such pictures."""

BRAIN_MODEL = "brain-structures"
"""The shipped model whose labels tell where the brain of an MR image is."""

LabelsOf = Callable[[Volume], Volume]
"""The labels of BRAIN_MODEL on the grid of an MR image; raises VolumeError for an empty one."""


def without_face(volume: Volume, labels_of: LabelsOf) -> Volume:
    """The head on the same grid, with its face emptied.

    In a CT the brain is found by its density, elsewhere by labels_of. Raises CaptionError if nothing looks like a
    brain: such a volume must not be shown.
    """
    brain = brain_of_ct(volume) if volume.modality == Modality.CT else _brain_of_mr(volume, labels_of)
    if brain is None:
        raise CaptionError(
            "no brain was found in it, so that its face cannot be removed",
            next_step="describe volumes that are not heads without --deface",
        )
    return deface(volume, brain)


def _brain_of_mr(volume: Volume, labels_of: LabelsOf) -> Volume | None:
    try:
        return brain_of_labels(labels_of(volume))
    except VolumeError:  # empty, for example: no brain either way
        return None
