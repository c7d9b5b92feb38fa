"""Captions from label maps: right by construction, without any model."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from ..label_maps.phrasing import Wording, sentences_about
from ..record import CaptionSource
from ..slices.subject import SubjectSlice
from .backend import Description, Finish

_REVISION = "1"
"""Changes when the same label map and seed give other sentences."""


class LabelsBackend:
    """Says which structures a slice shows, on which side, how much of it they are, and how far they reach.

        backend = LabelsBackend(seed=0)
        next(backend.describe(subject.slices(places))).text
        # 'Axial CT slice 57 of 0 to 118. It shows liver and spleen. The liver lies ...'

    It reads the label maps of the subject and never draws a picture. Another seed gives other wordings of
    the same facts and counts as another source, so a file can hold several of each slice. detailed is how
    many structures are told about in a sentence of their own, the largest first; all are named.

    describe() raises CaptionError for a subject without a label map.
    """

    def __init__(self, seed: int = 0, detailed: int = 6) -> None:
        self._seed = seed
        self._detailed = detailed

    @property
    def source(self) -> CaptionSource:
        """The label maps, with the seed as the prompt."""
        return CaptionSource("labels", "label map", _REVISION, f"seed {self._seed}, {self._detailed} in detail")

    def describe(self, slices: Iterable[SubjectSlice]) -> Generator[Description, None, None]:
        """One text for each, in their order."""
        for each in slices:
            place = each.place
            wording = Wording(f"{self._seed}/{each.subject.volume_hash}/{place.plane}/{place.index}")
            modality = each.subject.volume.modality
            text = sentences_about(place, modality, each.structures(), self._detailed, wording)
            yield Description(each, text, Finish.COMPLETE)
