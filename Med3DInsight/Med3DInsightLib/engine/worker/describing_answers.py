"""Answers to requests for words about a volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...analysis.describing.requests import AskRequest
from ...analysis.service import AnalysisService
from ..messages import Partial
from ..payloads.codec import from_body, to_body
from ..payloads.describing import (
    ASK,
    DESCRIBE,
    SLICES_TO_SHOW,
    AnswerBody,
    AnswerPartBody,
    CaptionPartBody,
    DescribeBody,
    DescribedBody,
    PlacesBody,
)
from ..payloads.on_volume import OnVolumeBody
from .jobs import Job
from .telling import teller

Answer = Callable[[Job], dict[str, Any]]


class DescribingAnswers:
    """Makes the bodies of results with an AnalysisService, and sends parts of them as soon as they are there.

    DescribingAnswers(service).kinds["describe"](job)
    """

    def __init__(self, service: AnalysisService) -> None:
        self._service = service

    @property
    def kinds(self) -> Mapping[str, Answer]:
        """What answers each kind of request."""
        return {DESCRIBE: self._describe, ASK: self._ask, SLICES_TO_SHOW: self._slices_to_show}

    def _describe(self, job: Job) -> dict[str, Any]:
        body = from_body(DescribeBody, job.request.body)
        described = self._service.describe(
            body.request,
            body.volume.load(),
            [layer.load() for layer in body.layers],
            teller(job),
            job.cancel,
            lambda caption: _send_part(job, CaptionPartBody.of(caption)),
        )
        return to_body(DescribedBody.store(described, Path(job.request.folder) / "captions.jsonl"))

    def _ask(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[AskRequest], job.request.body)
        answer = self._service.ask(
            body.request,
            body.volume.load(),
            teller(job),
            job.cancel,
            lambda piece: _send_part(job, AnswerPartBody(piece)),
        )
        return to_body(AnswerBody(answer))

    def _slices_to_show(self, job: Job) -> dict[str, Any]:
        body = from_body(OnVolumeBody[AskRequest], job.request.body)
        return to_body(
            PlacesBody(self._service.slices_to_show(body.request, body.volume.load(), teller(job), job.cancel))
        )


def _send_part(job: Job, part: CaptionPartBody | AnswerPartBody) -> None:
    job.channel.send(Partial(job.request.id, to_body(part)))
