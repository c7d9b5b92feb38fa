"""Turning requests into calls of the analysis and their outcome into messages."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...analysis.computing.errors import MemoryShortage
from ...analysis.computing.out_of_memory import is_out_of_memory
from ...analysis.computing.progress import AnalysisCancelled
from ...analysis.segmentations.comparison import compare
from ...analysis.segmentations.structure_statistics import structure_statistics
from ...analysis.service import AnalysisService
from ...bundles import BundleError
from ...catalog.errors import TransferCancelled
from ...catalog.fetching.service import CatalogService
from ...errors import UserError
from ...volumes import VolumeError
from ..errors import ErrorCode
from ..exchange import VolumeReference
from ..messages import Error, Result
from ..payloads.batch import BATCH, BatchBody, CountsBody
from ..payloads.codec import from_body, to_body
from ..payloads.measuring import COMPARE, MEASURE, AgreementBody, CompareBody, MeasureBody, StatisticsBody
from ..payloads.report import REPORT
from ..payloads.segmenting import (
    ESTIMATE,
    RELEASE_MEMORY,
    SEGMENT,
    EstimateBody,
    EstimateResultBody,
    SegmentationBody,
    SegmentBody,
)
from .catalog_answers import CatalogAnswers
from .describing_answers import DescribingAnswers
from .insight_answers import InsightAnswers
from .jobs import Job
from .report_answers import write_report_of
from .telling import teller

_LOG = logging.getLogger(__name__)
_CODES: tuple[tuple[type[UserError], ErrorCode], ...] = (
    (AnalysisCancelled, ErrorCode.CANCELLED),
    (TransferCancelled, ErrorCode.CANCELLED),
    (MemoryShortage, ErrorCode.MEMORY),
    (VolumeError, ErrorCode.INPUT),
    (BundleError, ErrorCode.MODEL),
)


class Answering:
    """Runs jobs with an AnalysisService and a CatalogService; every job gets exactly one result or error.

    Answering(AnalysisService(find_bundle), CatalogService.usual()).run(job)
    """

    def __init__(self, service: AnalysisService, catalog: CatalogService) -> None:
        self._service = service
        self._kinds = {
            SEGMENT: self._segment,
            ESTIMATE: self._estimate,
            MEASURE: self._measure,
            COMPARE: self._compare,
            BATCH: self._batch,
            RELEASE_MEMORY: self._release_memory,
            REPORT: write_report_of,
            **InsightAnswers(service).kinds,
            **DescribingAnswers(service).kinds,
            **CatalogAnswers(catalog).kinds,
        }

    def run(self, job: Job) -> None:
        """Do what the job asks and send the outcome to its client; raises nothing."""
        identity = job.request.id
        try:
            if job.cancel.is_set():
                raise AnalysisCancelled("the analysis was cancelled")
            if job.request.kind not in self._kinds:
                raise UserError(f"the worker cannot do '{job.request.kind}'", next_step="update Med3DInsight")
            job.channel.send(Result(identity, self._kinds[job.request.kind](job)))
        except UserError as error:
            cause = f"{error.path}: {error.cause}" if error.path is not None else error.cause
            job.channel.send(Error(identity, _code_of(error), cause, error.next_step))
        except ValidationError as error:
            first = error.errors()[0]
            job.channel.send(Error(identity, ErrorCode.REFUSED, f"the request is not valid: {first['msg']}"))
        except Exception as error:  # the last line of defence: the worker outlives a defect of ours
            _LOG.error("%s", traceback.format_exc())
            code = ErrorCode.MEMORY if is_out_of_memory(error) else ErrorCode.INTERNAL
            first_line = (str(error).splitlines() or [""])[0]
            job.channel.send(Error(identity, code, f"unexpected {type(error).__name__}: {first_line}", "see the log"))

    def _segment(self, job: Job) -> dict[str, Any]:
        body = from_body(SegmentBody, job.request.body)
        result = self._service.segment(body.request, body.volume.load(), teller(job), job.cancel)
        labels = VolumeReference.store(result.labels, Path(job.request.folder) / "labels.nrrd")
        return to_body(SegmentationBody.of(result, labels))

    def _estimate(self, job: Job) -> dict[str, Any]:
        body = from_body(EstimateBody, job.request.body)
        return to_body(EstimateResultBody(self._service.estimate(body.request, body.grid)))

    def _measure(self, job: Job) -> dict[str, Any]:
        body = from_body(MeasureBody, job.request.body)
        rows = structure_statistics(body.labels.load(), body.image.load(), body.segments)
        return to_body(StatisticsBody(tuple(rows)))

    def _compare(self, job: Job) -> dict[str, Any]:
        body = from_body(CompareBody, job.request.body)
        segmentation, reference = ([layer.load() for layer in layers] for layers in (body.segmentation, body.reference))
        rows = compare(segmentation, reference, body.tolerance_mm, teller(job), job.cancel)
        return to_body(AgreementBody(tuple(rows)))

    def _batch(self, job: Job) -> dict[str, Any]:
        from ...batch.run import BatchRun  # here, so that a worker starts no later because of it

        request = from_body(BatchBody, job.request.body).request
        run = BatchRun(request, self._service.bundle(request.segment.model), self._service.segment)
        return to_body(CountsBody(run.run(teller(job), job.cancel).counts()))

    def _release_memory(self, job: Job) -> dict[str, Any]:
        self._service.release_memory()
        return {}


def _code_of(error: UserError) -> ErrorCode:
    return next((code for kind, code in _CODES if isinstance(error, kind)), ErrorCode.REFUSED)
