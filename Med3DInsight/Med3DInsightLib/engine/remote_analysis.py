"""The analysis of a worker, asked like the one in process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..analysis.requests import EstimateRequest, SegmentRequest
from ..batch.request import BatchRequest
from ..volumes import Grid, LabelLayer, Segment, Volume
from .client import EngineClient
from .exchange import LayerReference, VolumeReference
from .job import ClientJob
from .payloads.batch import BATCH, BatchBody, CountsBody
from .payloads.codec import from_body, to_body
from .payloads.measuring import COMPARE, MEASURE, AgreementBody, CompareBody, MeasureBody, StatisticsBody
from .payloads.segmenting import (
    ESTIMATE,
    RELEASE_MEMORY,
    SEGMENT,
    EstimateBody,
    EstimateResultBody,
    SegmentationBody,
    SegmentBody,
)


class RemoteAnalysis:
    """Turns calls into requests to a worker; every call returns a job at once, before files are written.

    analysis = RemoteAnalysis(client)
    job = analysis.segment(SegmentRequest("brain-structures"), volume)
    result = client.wait(job)        # a SegmentationResult

    A volume that cannot be handed over is the error of the job; EngineError is raised if no worker starts.
    """

    def __init__(self, client: EngineClient) -> None:
        self.client = client

    def segment(self, request: SegmentRequest, volume: Volume, timeout_seconds: float | None = None) -> ClientJob:
        """A job whose result is the SegmentationResult of volume."""
        folder = self.client.exchange.new()

        def encode() -> dict[str, Any]:
            return to_body(SegmentBody(request, VolumeReference.store(volume, folder / "volume.nrrd")))

        return self.client.submit(
            SEGMENT, encode, lambda answer: from_body(SegmentationBody, answer).result(), folder, timeout_seconds
        )

    def estimate(self, request: EstimateRequest, grid: Grid) -> ClientJob:
        """A job whose result is the Estimate for a volume on grid."""
        body = to_body(EstimateBody.of(request, grid))
        return self.client.submit(ESTIMATE, lambda: body, lambda answer: from_body(EstimateResultBody, answer).estimate)

    def measure(self, labels: Volume, image: Volume, segments: Sequence[Segment]) -> ClientJob:
        """A job whose result has a StructureStatistics for every segment; labels and image share a grid."""
        folder = self.client.exchange.new()

        def encode() -> dict[str, Any]:
            stored = [
                VolumeReference.store(volume, folder / name)
                for name, volume in (("labels.nrrd", labels), ("image.nrrd", image))
            ]
            return to_body(MeasureBody(stored[0], stored[1], tuple(segments)))

        return self.client.submit(MEASURE, encode, lambda answer: from_body(StatisticsBody, answer).rows, folder)

    def compare(
        self, segmentation: Sequence[LabelLayer], reference: Sequence[LabelLayer], tolerance_mm: float = 1.0
    ) -> ClientJob:
        """A job whose result has an Agreement for every segment that both have under the same name."""
        folder = self.client.exchange.new()

        def stored(layers: Sequence[LabelLayer], name: str) -> tuple[LayerReference, ...]:
            return tuple(LayerReference.store(layer, folder / f"{name}{n}.nrrd") for n, layer in enumerate(layers))

        def encode() -> dict[str, Any]:
            return to_body(CompareBody(stored(segmentation, "layer"), stored(reference, "reference"), tolerance_mm))

        return self.client.submit(COMPARE, encode, lambda answer: from_body(AgreementBody, answer).rows, folder)

    def batch(self, request: BatchRequest) -> ClientJob:
        """A job that segments the cases of a folder; its result is Counts, the table is in the output folder.

        What is complete when the job is cancelled, or the worker dies, stays: see BatchRun.
        """
        absolute = replace(request, folder=request.folder.absolute(), output=request.output.absolute())
        body = to_body(BatchBody(absolute))
        return self.client.submit(BATCH, lambda: body, lambda answer: from_body(CountsBody, answer).counts)

    def release_memory(self) -> ClientJob:
        """A job after which the worker has forgotten models and features; its result is None."""
        return self.client.submit(RELEASE_MEMORY, dict, lambda answer: None)
