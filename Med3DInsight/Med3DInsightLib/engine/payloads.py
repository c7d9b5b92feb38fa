"""The bodies of requests and results, both directions side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter

from ..analysis.comparison import Agreement
from ..analysis.estimate import Estimate
from ..analysis.requests import SegmentRequest
from ..analysis.segmentation_result import SegmentationResult
from ..analysis.structure_statistics import StructureStatistics
from ..batch.request import BatchRequest
from ..batch.summary import Counts
from ..volumes import Grid, Segment
from .exchange import LayerReference, VolumeReference

_Payload = TypeVar("_Payload")
SEGMENT, ESTIMATE, MEASURE, COMPARE = "segment", "estimate", "measure", "compare"
BATCH, RELEASE_MEMORY = "batch", "release_memory"
"""The kinds of requests."""


@dataclass(frozen=True)
class SegmentBody:
    """Label a volume."""

    request: SegmentRequest
    volume: VolumeReference


@dataclass(frozen=True)
class EstimateBody:
    """Tell what labelling a volume on a grid would cost; shape in voxels, affine in mm."""

    request: SegmentRequest
    shape_kji: tuple[int, int, int]
    ijk_to_ras: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, request: SegmentRequest, grid: Grid) -> EstimateBody:
        """The body for a volume on grid."""
        return cls(request, grid.shape_kji, tuple(tuple(float(x) for x in row) for row in grid.ijk_to_ras))

    @property
    def grid(self) -> Grid:
        """The grid of the volume."""
        return Grid(self.shape_kji, self.ijk_to_ras)  # type: ignore[arg-type]


@dataclass(frozen=True)
class SegmentationBody:
    """A SegmentationResult whose labels are in a file."""

    labels: VolumeReference
    segments: tuple[Segment, ...]
    device: str
    seconds: dict[str, float]
    encoded_windows: int
    adjustments: tuple[str, ...]

    @classmethod
    def of(cls, result: SegmentationResult, labels: VolumeReference) -> SegmentationBody:
        """The body for result, whose labels were stored."""
        return cls(labels, result.segments, result.device, result.seconds, result.encoded_windows, result.adjustments)

    def result(self) -> SegmentationResult:
        """The result with its labels read."""
        return SegmentationResult(
            self.labels.load(), self.segments, self.device, self.seconds, self.encoded_windows, self.adjustments
        )


@dataclass(frozen=True)
class EstimateResultBody:
    """An estimate."""

    estimate: Estimate


@dataclass(frozen=True)
class MeasureBody:
    """Tell size and brightness of structures; labels and image share a grid."""

    labels: VolumeReference
    image: VolumeReference
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class StatisticsBody:
    """A row for every segment."""

    rows: tuple[StructureStatistics, ...]


@dataclass(frozen=True)
class CompareBody:
    """Tell how well a segmentation agrees with a reference."""

    segmentation: tuple[LayerReference, ...]
    reference: tuple[LayerReference, ...]
    tolerance_mm: float


@dataclass(frozen=True)
class AgreementBody:
    """A row for every segment that both have."""

    rows: tuple[Agreement, ...]


@dataclass(frozen=True)
class BatchBody:
    """Segment the cases of a folder; paths are absolute, since client and worker may be in different folders."""

    request: BatchRequest


@dataclass(frozen=True)
class CountsBody:
    """What became of the cases; the table with all of them is in the output folder."""

    counts: Counts


def to_body(payload: Any) -> dict[str, Any]:
    """A payload as the body of a message."""
    body: dict[str, Any] = TypeAdapter(type(payload)).dump_python(payload, mode="json")
    return body


def from_body(kind: type[_Payload], body: dict[str, Any]) -> _Payload:
    """A body as a payload; raises pydantic's ValidationError if it is not one."""
    return TypeAdapter(kind).validate_python(body)
