"""Measuring structures, and comparing segmentations."""

from __future__ import annotations

from dataclasses import dataclass

from ...analysis.segmentations.comparison import Agreement
from ...analysis.segmentations.structure_statistics import StructureStatistics
from ...volumes import Segment
from ..exchange import LayerReference, VolumeReference

MEASURE, COMPARE = "measure", "compare"


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
