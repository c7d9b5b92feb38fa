"""Heads whose face nobody shall see."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from Med3DInsightLib.captions.pictures.faces import BRAIN_MODEL, without_face
from Med3DInsightLib.volumes import Volume

if TYPE_CHECKING:  # torch is imported when the first MR head is defaced
    from Med3DInsightLib.analysis.session import Session


class FaceRemoval:
    """Opens the model that finds the brain of MR heads when the first one comes, and keeps it.

    removal = FaceRemoval()
    removal.without_face(volume)        # see Med3DInsightLib.captions.pictures.faces
    """

    def without_face(self, volume: Volume) -> Volume:
        """The head on the same grid, with its face emptied; raises CaptionError if it has no brain."""
        return without_face(volume, lambda head: self._session.segment(head).labels)

    @cached_property
    def _session(self) -> Session:
        from Med3DInsightLib.analysis.session import Session
        from Med3DInsightLib.catalog.installed import InstalledModels

        return Session.open(InstalledModels().find(BRAIN_MODEL))
