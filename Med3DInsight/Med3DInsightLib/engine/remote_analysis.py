"""The analysis of a worker, asked like the one in process."""

from __future__ import annotations

from ..analysis.requests import SegmentRequest
from ..volumes import Grid, Volume
from .client import EngineClient
from .exchange import VolumeReference
from .job import ClientJob
from .payloads import (
    ESTIMATE,
    RELEASE_MEMORY,
    SEGMENT,
    EstimateBody,
    EstimateResultBody,
    SegmentationBody,
    SegmentBody,
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

    def release_memory(self) -> ClientJob:
        """A job after which the worker has forgotten models and features; its result is None."""
        return self.client.submit(RELEASE_MEMORY, {}, lambda answer: None)
