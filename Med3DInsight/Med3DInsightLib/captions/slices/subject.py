"""A volume that is to be described, and its slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...volumes import Grid, LabelLayer, SlicePlace, Volume
from ..errors import CaptionError
from ..inert_text import InertText
from ..label_maps.structures import LabelledVolume, StructureInSlice
from ..pictures.foreground import BodyWidth
from ..pictures.picture import RenderSettings, SlicePicture, SliceRenderer
from ..record import CaptionKey, CaptionSource
from ..volume_hash import volume_hash
from .body_by_slice import BodyBySlice


class CaptionSubject:
    """A volume, the user's name for it, and its label maps if there are any.

        subject = CaptionSubject("case 12", volume, [LabelLayer(labels, {5: "liver"})])
        slices = subject.slices(uniform_slices(volume.grid, Plane.AXIAL, 16))

    Backends of every kind are given its slices and take from them what they look at: some a picture,
    others what the label map says. Both are computed when first asked for, and once per volume where
    that is possible. Pictures are drawn of drawn where it is given, which is the volume without the face
    for example (see pictures/defacing.py); everything else, such as the hash, is about the volume itself.

    Raises ValueError if drawn has another grid than the volume.
    """

    def __init__(
        self,
        volume_id: str,
        volume: Volume,
        labels: Sequence[LabelLayer] = (),
        render: RenderSettings | None = None,
        body: BodyWidth | None = None,
        drawn: Volume | None = None,
    ) -> None:
        if drawn is not None and not _is_same(drawn.grid, volume.grid):
            raise ValueError("the volume that is drawn has another grid than the one that is described")
        self.volume_id = InertText.of(volume_id).text
        self.volume = volume
        self._labels = tuple(labels)
        self._renderer = SliceRenderer(volume if drawn is None else drawn, render)
        self._body = body

    @cached_property
    def volume_hash(self) -> str:
        """What identifies the content of the volume."""
        return volume_hash(self.volume)

    @property
    def has_labels(self) -> bool:
        """Whether its slices know their structures."""
        return bool(self._labels)

    @cached_property
    def labelled(self) -> LabelledVolume:
        """The label maps on the grid of the volume; raises CaptionError if there is none."""
        if not self.has_labels:
            raise CaptionError(f"there is no label map of '{self.volume_id}'", next_step="give one with its names")
        return LabelledVolume(self._labels, self.volume.grid, self._body or BodyWidth.of(self.volume))

    @cached_property
    def body_by_slice(self) -> BodyBySlice:
        """How much of the body each slice shows."""
        return BodyBySlice(self.volume)

    def slices(self, places: Iterable[SlicePlace]) -> Iterator[SubjectSlice]:
        """The slices at places."""
        return (SubjectSlice(self, place) for place in places)

    def picture(self, place: SlicePlace) -> SlicePicture:
        """The slice at place as a picture; raises CaptionError if it is not a slice of the volume."""
        return self._renderer.picture(place)


@dataclass(frozen=True, eq=False)
class SubjectSlice:
    """One slice of a subject: what is handed to a backend, and comes back with its text."""

    subject: CaptionSubject
    place: SlicePlace

    def picture(self) -> SlicePicture:
        """The slice as a multimodal language model sees it; drawn at every call."""
        return self.subject.picture(self.place)

    def structures(self) -> tuple[StructureInSlice, ...]:
        """What the label maps say about it; raises CaptionError if there is none."""
        return self.subject.labelled.in_slice(self.place)

    def key(self, source: CaptionSource) -> CaptionKey:
        """What only one caption in a file may have."""
        return CaptionKey(self.subject.volume_hash, self.place.plane, self.place.index, source)


def _is_same(first: Grid, second: Grid) -> bool:
    return first.shape_kji == second.shape_kji and bool((first.ijk_to_ras == second.ijk_to_ras).all())
