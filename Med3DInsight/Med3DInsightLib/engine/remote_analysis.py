"""The analysis of a worker, asked like the one in process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..analysis.requests import SegmentRequest
from ..volumes import Grid, LabelLayer, Segment, Volume
from .client import EngineClient
from .exchange import LayerReference, VolumeReference
from .job import ClientJob
from .payloads import (
    COMPARE,
    ESTIMATE,
    MEASURE,
    RELEASE_MEMORY,
    SEGMENT,
    AgreementBody,
    CompareBody,
    EstimateBody,
    EstimateResultBody,
    MeasureBody,
    SegmentationBody,
    SegmentBody,
    StatisticsBody,
    from_body,
    to_body,
)


class RemoteAnalysis:
    """Turns calls into requests to a worker; every call returns a job at once.

    analysis = RemoteAnalysis(client)
    job = analysis.segment(SegmentRequest("brain-tissue"), volume)
    result = client.wait(job)        # a SegmentationResult
    """

    def __init__(self, client: EngineClient) -> None:
        self.client = client

    def segment(self, request: SegmentRequest, volume: Volume, timeout_seconds: float | None = None) -> ClientJob:
        """A job whose result is the SegmentationResult of volume.

        Raises VolumeError if the volume cannot be handed over, EngineError if no worker starts.
        """
        folder = self.client.exchange.new()
        reference = VolumeReference.store(volume, folder / "volume.nrrd")
        body = to_body(SegmentBody(request, reference))
        return self.client.submit(
            SEGMENT, body, lambda answer: from_body(SegmentationBody, answer).result(), folder, timeout_seconds
        )

    def estimate(self, request: SegmentRequest, grid: Grid) -> ClientJob:
        """A job whose result is the Estimate for a volume on grid."""
        body = to_body(EstimateBody.of(request, grid))
        return self.client.submit(ESTIMATE, body, lambda answer: from_body(EstimateResultBody, answer).estimate)

    def measure(self, labels: Volume, image: Volume, segments: Sequence[Segment]) -> ClientJob:
        """A job whose result has a StructureStatistics for every segment; labels and image share a grid."""
        folder = self.client.exchange.new()
        stored = self._stored(folder, labels=labels, image=image)
        body = to_body(MeasureBody(**stored, segments=tuple(segments)))
        return self.client.submit(MEASURE, body, lambda answer: from_body(StatisticsBody, answer).rows, folder)

    def compare(
        self, segmentation: Sequence[LabelLayer], reference: Sequence[LabelLayer], tolerance_mm: float = 1.0
    ) -> ClientJob:
        """A job whose result has an Agreement for every segment that both have under the same name."""
        folder = self.client.exchange.new()
        body = CompareBody(
            tuple(LayerReference.store(layer, folder / f"layer{n}.nrrd") for n, layer in enumerate(segmentation)),
            tuple(LayerReference.store(layer, folder / f"reference{n}.nrrd") for n, layer in enumerate(reference)),
            tolerance_mm,
        )
        return self.client.submit(COMPARE, to_body(body), lambda answer: from_body(AgreementBody, answer).rows, folder)

    def release_memory(self) -> ClientJob:
        """A job after which the worker has forgotten models and features; its result is None."""
        return self.client.submit(RELEASE_MEMORY, {}, lambda answer: None)

    def _stored(self, folder: Path, **volumes: Volume) -> dict[str, VolumeReference]:
        return {name: VolumeReference.store(volume, folder / f"{name}.nrrd") for name, volume in volumes.items()}
