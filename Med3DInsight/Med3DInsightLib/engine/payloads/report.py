"""Everything about a volume, for a page; arrays are in files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...analysis.slices.attention_choice import AttentionChoice
from ...bundles import ModelCard
from ...captions.reviewing import ReviewedCaption
from ...export.report import (
    ModelReference,
    ReportContent,
    ReportedClasses,
    ReportedFind,
    ReportedMap,
    ReportedQuestion,
    ReportedSegmentation,
)
from ...volumes import Segment, SlicePlace, Volume
from ...volumes.files.source_files import Fingerprint
from ..exchange import GriddedArrayReference, VolumeReference
from .insight import FindResultBody

REPORT = "report"


@dataclass(frozen=True)
class ReportedMapBody:
    """A ReportedMap whose values are in a file."""

    method: str
    subject: str
    model: ModelReference
    values: GriddedArrayReference
    place: SlicePlace | None
    choice: AttentionChoice | None

    @classmethod
    def store(cls, reported: ReportedMap, path: Path) -> ReportedMapBody:
        """Write the values to path."""
        values = GriddedArrayReference.store(reported.values_kji, reported.grid, path)
        return cls(reported.method, reported.subject, reported.model, values, reported.place, reported.choice)

    def result(self) -> ReportedMap:
        """The map with its values read."""
        values = self.values
        return ReportedMap(self.method, self.subject, self.model, values.load(), values.grid, self.place, self.choice)


@dataclass(frozen=True)
class ReportedSegmentationBody:
    """A ReportedSegmentation whose labels are in a file; its image is the volume of the report."""

    name: str
    labels: VolumeReference
    segments: tuple[Segment, ...]
    model: ModelReference | None

    @classmethod
    def store(cls, reported: ReportedSegmentation, path: Path) -> ReportedSegmentationBody:
        """Write the labels to path."""
        return cls(reported.name, VolumeReference.store(reported.labels, path), reported.segments, reported.model)

    def result(self, image: Volume) -> ReportedSegmentation:
        """The segmentation of image with its labels read."""
        return ReportedSegmentation(self.name, self.labels.load(), self.segments, image, self.model)


@dataclass(frozen=True)
class ReportedFindBody:
    """A ReportedFind."""

    model: ModelReference
    found: FindResultBody


@dataclass(frozen=True)
class ReportBody:
    """Write a report into the folder of the request; see ReportContent."""

    volume: VolumeReference
    name: str
    created_at: datetime
    source: Fingerprint | None
    cards: tuple[ModelCard, ...]
    classes: tuple[ReportedClasses, ...]
    maps: tuple[ReportedMapBody, ...]
    captions: tuple[ReviewedCaption, ...]
    found: tuple[ReportedFindBody, ...]
    segmentations: tuple[ReportedSegmentationBody, ...]
    questions: tuple[ReportedQuestion, ...]

    @classmethod
    def store(cls, content: ReportContent, folder: Path) -> ReportBody:
        """Write volume, labels and maps into folder."""
        return cls(
            VolumeReference.store(content.volume, folder / "volume.nrrd"),
            content.name,
            content.created_at,
            content.source,
            content.cards,
            content.classes,
            tuple(ReportedMapBody.store(each, folder / f"map{n}.npy") for n, each in enumerate(content.maps)),
            content.captions,
            tuple(ReportedFindBody(each.model, FindResultBody.of(each.found)) for each in content.found),
            tuple(
                ReportedSegmentationBody.store(each, folder / f"labels{n}.nrrd")
                for n, each in enumerate(content.segmentations)
            ),
            content.questions,
        )

    def content(self) -> ReportContent:
        """The content with volume, labels and maps read."""
        volume = self.volume.load()
        return ReportContent(
            volume,
            self.name,
            self.created_at,
            self.source,
            self.cards,
            self.classes,
            tuple(each.result() for each in self.maps),
            self.captions,
            tuple(ReportedFind(each.model, each.found.result()) for each in self.found),
            tuple(each.result(volume) for each in self.segmentations),
            self.questions,
        )
