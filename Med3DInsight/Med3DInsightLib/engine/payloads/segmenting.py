"""Labelling a volume, and telling beforehand what a run costs."""

from __future__ import annotations

from dataclasses import dataclass

from ...analysis.requests import EstimateRequest, SegmentRequest
from ...analysis.segmentations.segmentation_result import SegmentationResult
from ...analysis.windows.estimate import Estimate
from ...volumes import Grid, Segment
from ..exchange import VolumeReference

SEGMENT, ESTIMATE, RELEASE_MEMORY = "segment", "estimate", "release_memory"


@dataclass(frozen=True)
class SegmentBody:
    """Label a volume."""

    request: SegmentRequest
    volume: VolumeReference


@dataclass(frozen=True)
class EstimateBody:
    """Tell what a run for a volume on a grid would cost; shape in voxels, affine in mm."""

    request: EstimateRequest
    shape_kji: tuple[int, int, int]
    ijk_to_ras: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, request: EstimateRequest, grid: Grid) -> EstimateBody:
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
