"""Heads whose face nobody shall see."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.brain_search import brain_of_ct, brain_of_labels
from Med3DInsightLib.captions.defacing import deface
from Med3DInsightLib.volumes import Modality, Volume
from Med3DInsightLib.volumes.errors import VolumeError

if TYPE_CHECKING:  # torch is imported when the first MR head is defaced
    from Med3DInsightLib.analysis.session import Session


class FaceRemoval:
    """Finds the brain and empties the face below it, or refuses.

        removal = FaceRemoval()
        removal.without_face(volume)

    In a CT the brain is found by its density, elsewhere by the shipped model brain-tissue. Raises CaptionError
    if nothing looks like a brain: such a volume must not be shown.
    """

    def without_face(self, volume: Volume) -> Volume:
        """The head on the same grid, with its face emptied."""
        brain = brain_of_ct(volume) if volume.modality == Modality.CT else self._brain_of_mr(volume)
        if brain is None:
            raise CaptionError(
                "no brain was found in it, so that its face cannot be removed",
                next_step="describe volumes that are not heads without --deface",
            )
        return deface(volume, brain)

    def _brain_of_mr(self, volume: Volume) -> Volume | None:
        try:
            return brain_of_labels(self._session.segment(volume).labels)
        except VolumeError:  # empty, for example: no brain either way
            return None

    @cached_property
    def _session(self) -> Session:
        from Med3DInsightLib.analysis.session import Session
        from Med3DInsightLib.catalog.shipped import ShippedModels

        return Session.open(ShippedModels().find("brain-tissue"))
