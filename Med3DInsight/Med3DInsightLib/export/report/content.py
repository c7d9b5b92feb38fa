"""What a report tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...analysis.classes.classification_result import ClassificationResult
from ...analysis.slices.finding import FindResult
from ...bundles import ModelCard
from ...captions.reviewing import ReviewedCaption
from ...volumes import SlicePlace, Volume
from ...volumes.files.source_files import Fingerprint
from .model_reference import ModelReference
from .reported_map import ReportedMap
from .reported_segmentation import ReportedSegmentation


@dataclass(frozen=True)
class ReportedClasses:
    """What a model says the volume is."""

    model: ModelReference
    result: ClassificationResult


@dataclass(frozen=True, eq=False)
class ReportedFind:
    """How well a phrase fits the slices, according to a model."""

    model: ModelReference
    found: FindResult


@dataclass(frozen=True)
class ReportedQuestion:
    """A question, its answer, who answered, which slices it was shown and, where that is known, when it was asked."""

    question: str
    answer: str
    backend: str
    model: str
    slices: tuple[SlicePlace, ...] = ()
    asked_at: datetime | None = None


@dataclass(frozen=True, eq=False)
class ReportContent:
    """A volume and everything that was found out about it, as plain values that no network is needed for.

        content = ReportContent(volume, "head.nii.gz", datetime.now(UTC), Fingerprint.of(path), cards=(card,))
        write_report(folder, content)

    name is that of the file or node; source is None where there is no file. cards are those of the models that
    results come from, as far as they are at hand.

    Raises ValueError if created_at has no time zone, or a segmentation is on another grid than the volume.
    """

    volume: Volume
    name: str
    created_at: datetime
    source: Fingerprint | None = None
    cards: tuple[ModelCard, ...] = ()
    classes: tuple[ReportedClasses, ...] = ()
    maps: tuple[ReportedMap, ...] = ()
    captions: tuple[ReviewedCaption, ...] = ()
    found: tuple[ReportedFind, ...] = ()
    segmentations: tuple[ReportedSegmentation, ...] = ()
    questions: tuple[ReportedQuestion, ...] = ()

    def __post_init__(self) -> None:
        if self.created_at.tzinfo is None:
            raise ValueError("the time of a report needs a time zone")
        for each in self.segmentations:
            if not each.labels.grid.matches(self.volume.grid):
                raise ValueError(f"the segmentation '{each.name}' is on another grid than the volume")
