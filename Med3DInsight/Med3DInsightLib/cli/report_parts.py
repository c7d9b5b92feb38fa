"""The parts of a report, asked for one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..analysis.computing.device import Device
from ..analysis.computing.progress import Cancellation, Progress, ProgressCallback
from ..analysis.requests import (
    AttentionRequest,
    ExplainClassRequest,
    FindRequest,
    SegmentRequest,
)
from ..bundles import Bundle
from ..export.report import ModelReference, ReportedClasses, ReportedFind, ReportedMap, ReportedSegmentation
from ..volumes import ANATOMICAL_PLANES, Plane, SlicePlace, Volume, slices_of
from .insight_source import InsightSource


class ReportParts:
    """Asks a source about one volume; progress goes from 0 to 1 over as many parts as will be asked for.

    parts = ReportParts(LocalInsight(), volume, Device.AUTO, show, interruption, parts=2)
    classes, grad_cam = parts.classes(classifier)
    found = parts.found(encoder, "liver")

    Every method raises what AnalysisService does.
    """

    def __init__(
        self,
        source: InsightSource,
        volume: Volume,
        device: Device,
        progress: ProgressCallback,
        cancel: Cancellation,
        parts: int,
    ) -> None:
        self._source = source
        self._volume = volume
        self._device = device
        self._cancel = cancel
        self._shares = shares_of(progress, parts)

    def segmentation(self, bundle: Bundle) -> ReportedSegmentation:
        """The structures that a model segments, and their sizes."""
        request = SegmentRequest(_folder(bundle), self._device)
        result = self._source.segment(request, self._volume, next(self._shares), self._cancel)
        model = ModelReference.of(bundle.card)
        return ReportedSegmentation(bundle.card.name, result.labels, tuple(result.segments), self._volume, model)

    def classes(self, bundle: Bundle, class_name: str = "") -> tuple[ReportedClasses, ReportedMap]:
        """What a model says the volume is, and the Grad-CAM of a class; without a name, of the most probable one."""
        request = ExplainClassRequest(_folder(bundle), class_name, device=self._device)
        explained = self._source.explain_class(request, self._volume, next(self._shares), self._cancel)
        model = ModelReference.of(bundle.card)
        grad_cam = ReportedMap.of_saliency("Grad-CAM", explained.saliency, model)
        return ReportedClasses(model, explained.result), grad_cam

    def found(self, bundle: Bundle, phrase: str, text_tower: str = "") -> ReportedFind:
        """How well a phrase fits every slice."""
        request = FindRequest(_folder(bundle), phrase, text_tower=text_tower, device=self._device)
        found = self._source.find(request, self._volume, next(self._shares), self._cancel)
        return ReportedFind(ModelReference.of(bundle.card), found)

    def attention(self, bundle: Bundle, places: Sequence[SlicePlace]) -> list[ReportedMap]:
        """What an encoder looked at for slices, plane by plane."""
        indices = {
            plane: tuple(dict.fromkeys(place.index for place in places if place.plane == plane))
            for plane in ANATOMICAL_PLANES
        }
        asked = {plane: of_plane for plane, of_plane in indices.items() if of_plane}
        shares, model = shares_of(next(self._shares), len(asked)), ModelReference.of(bundle.card)
        maps = []
        for plane, of_plane in asked.items():
            request = AttentionRequest(_folder(bundle), plane, of_plane, device=self._device)
            stack = self._source.attention(request, self._volume, next(shares), self._cancel)
            maps += [ReportedMap.of_attention(stack, index, model) for index in of_plane]
        return maps


def places_to_attend(volume: Volume, found: Iterable[ReportedFind]) -> list[SlicePlace]:
    """The slices that phrases fit best; without phrases, the middle one of each plane."""
    best = [each.found.best for each in found]
    return best or [_middle(volume, plane) for plane in ANATOMICAL_PLANES]


def shares_of(progress: ProgressCallback, parts: int) -> Iterator[ProgressCallback]:
    """One callback after the other for parts that take their equal shares of the whole."""

    def share(number: int) -> ProgressCallback:
        return lambda told: progress(Progress(told.stage, (number + told.fraction) / parts, None))

    for number in range(parts):
        progress(Progress("starting", number / parts, None))
        yield share(number)


def _middle(volume: Volume, plane: Plane) -> SlicePlace:
    places = slices_of(volume.grid, plane)
    return places[len(places) // 2]


def _folder(bundle: Bundle) -> str:
    """The bundle in full, because the shared worker has another current folder."""
    return str(bundle.folder.resolve())
