"""Answers to requests for what a model sees in a volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...analysis.requests import (
    AttentionRequest,
    ClassifyRequest,
    ExplainClassRequest,
    FindRequest,
    OccludeClassRequest,
    OccludePhraseRequest,
)
from ...analysis.saliency.saliency_map import SaliencyMap
from ...analysis.service import AnalysisService
from ..exchange import GriddedArrayReference
from ..payloads.codec import from_body, to_body
from ..payloads.insight import (
    ATTENTION,
    CLASSIFY,
    EXPLAIN_CLASS,
    FIND,
    OCCLUDE_CLASS,
    OCCLUDE_PHRASE,
    PHRASES,
    AttentionStackBody,
    ClassificationBody,
    ExplainedBody,
    FindResultBody,
    PhrasesBody,
    PhrasesResultBody,
    SaliencyBody,
)
from ..payloads.on_volume import OnVolumeBody
from .jobs import Job
from .telling import teller

Answer = Callable[[Job], dict[str, Any]]


class InsightAnswers:
    """Makes the bodies of results with an AnalysisService; arrays go into the folder of the job.

    InsightAnswers(service).kinds["attention"](job)
    """

    def __init__(self, service: AnalysisService) -> None:
        self._service = service

    @property
    def kinds(self) -> Mapping[str, Answer]:
        """What answers each kind of request."""
        return {
            CLASSIFY: self._classify,
            EXPLAIN_CLASS: self._explain_class,
            OCCLUDE_CLASS: self._occlude_class,
            ATTENTION: self._attention,
            FIND: self._find,
            OCCLUDE_PHRASE: self._occlude_phrase,
            PHRASES: self._phrases,
        }

    def _classify(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[ClassifyRequest], job.request.body)
        return to_body(
            ClassificationBody(self._service.classify(body.request, body.volume.load(), teller(job), job.cancel))
        )

    def _explain_class(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[ExplainClassRequest], job.request.body)
        explained = self._service.explain_class(body.request, body.volume.load(), teller(job), job.cancel)
        return to_body(ExplainedBody(explained.result, _stored(explained.saliency, job)))

    def _occlude_class(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[OccludeClassRequest], job.request.body)
        saliency = self._service.occlude_class(body.request, body.volume.load(), teller(job), job.cancel)
        return to_body(_stored(saliency, job))

    def _attention(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[AttentionRequest], job.request.body)
        stack = self._service.attention(body.request, body.volume.load(), teller(job), job.cancel)
        maps = GriddedArrayReference.store(stack.maps_kji, stack.grid, Path(job.request.folder) / "attention.npy")
        return to_body(AttentionStackBody.of(stack, maps))

    def _find(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[FindRequest], job.request.body)
        return to_body(FindResultBody.of(self._service.find(body.request, body.volume.load(), teller(job), job.cancel)))

    def _occlude_phrase(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[OccludePhraseRequest], job.request.body)
        saliency = self._service.occlude_phrase(body.request, body.volume.load(), teller(job), job.cancel)
        return to_body(_stored(saliency, job))

    def _phrases(self, job: Job) -> dict[str, Any]:
        return to_body(PhrasesResultBody(self._service.phrases(from_body(PhrasesBody, job.request.body).model)))


def _stored(saliency: SaliencyMap, job: Job) -> SaliencyBody:
    path = Path(job.request.folder) / "saliency.npy"
    return SaliencyBody.of(saliency, GriddedArrayReference.store(saliency.values_kji, saliency.grid, path))
