"""Evaluating bundles that segment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from Med3DInsightLib import __version__
from Med3DInsightLib.analysis.computing.errors import MemoryShortage
from Med3DInsightLib.analysis.computing.progress import Cancellation, ProgressCallback
from Med3DInsightLib.volumes import Segment, Volume, read_volume
from Med3DInsightLib.volumes.errors import errors_naming
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ...datasets.cases import Case
from ...datasets.truth import read_truth
from ..case_progress import CaseProgress
from ..content import content_of
from ..errors import EvaluationError
from ..evaluated_case import IMAGE, PicturedCase
from ..intervals import BootstrapSettings
from ..model import EvaluatedModel
from ..report_head import ReportHead
from .measures import mean_over_structures, structure_scores
from .page import segmentation_page
from .report import SegmentationReport
from .result import SegmentationCaseResult, SegmentedCase, worst_cases
from .scoring_settings import ScoringSettings
from .worst_picture import draw_disagreement

_LABEL = "label"
_TITLES = ("prediction", "prediction of the other model")


class SegmentationTask:
    """Label maps on the grid of the image against those that are known; see EvaluationTask.

        SegmentationTask([EvaluatedModel(bundle, HeadKind.SEGMENTATION, Device.AUTO)], ScoringSettings())

    Raises EvaluationError if two models do not segment the same structures, or if settings name one that there is not.
    """

    def __init__(self, models: Sequence[EvaluatedModel], settings: ScoringSettings) -> None:
        self.models = models
        self._settings = settings
        self._measured = settings.measured(models[0].card.segments)
        for other in models[1:]:
            _require_same_segments(models[0], other)

    @property
    def settings(self) -> dict[str, Any]:
        """See EvaluationTask."""
        scoring = self._settings
        return {
            "tolerance_mm": scoring.tolerance_mm,
            "only": list(scoring.only),
            "modality": scoring.modality.value if scoring.modality else None,
        }

    @property
    def steps_of_a_picture(self) -> int:
        """See EvaluationTask."""
        return len(self.models)

    def files(self, case: Case) -> dict[str, Fingerprint]:
        """See EvaluationTask."""
        if_missing = "every image needs a label of the same name"
        return {IMAGE: content_of(case.image, if_missing), _LABEL: content_of(case.label, if_missing)}

    def key(self, model: EvaluatedModel, files: Mapping[str, Fingerprint]) -> dict[str, Any]:
        """See EvaluationTask."""
        return {
            "image": files[IMAGE].sha256,
            "label": files[_LABEL].sha256,
            "model": model.identity,
            "names": [segment.name for segment in self._settings.measured(model.card.segments)],
            "tolerance_mm": self._settings.tolerance_mm,
            "modality": self._settings.modality,
            "software": __version__,
        }

    def opened(
        self, case: Case
    ) -> Callable[[EvaluatedModel, ProgressCallback, Cancellation | None], SegmentationCaseResult]:
        """See EvaluationTask."""
        volume = read_volume(case.image, self._settings.modality)
        truth = read_truth(case.label, volume.grid, self._segments)

        def measure(
            model: EvaluatedModel, progress: ProgressCallback, cancel: Cancellation | None
        ) -> SegmentationCaseResult:
            try:
                with errors_naming(case.image):
                    predicted = model.session.segment(volume, progress, cancel)
            except MemoryShortage as error:
                raise MemoryShortage(error.cause, case.image, error.next_step) from error
            measured = self._settings.measured(model.card.segments)
            scores = structure_scores(predicted.labels, truth.labels, measured, self._settings.tolerance_mm)
            return SegmentationCaseResult(scores, (*truth.notices, *predicted.adjustments))

        return measure

    def restored(self, entry: Any) -> SegmentationCaseResult:
        """See EvaluationTask."""
        return SegmentationCaseResult.from_json(entry)

    def told(self, results: Sequence[SegmentationCaseResult]) -> str:
        """See EvaluationTask."""
        dices = [mean_over_structures(result.structures) for result in results]
        return "mean Dice " + " and ".join("none" if dice is None else f"{dice:.3f}" for dice in dices)

    def report(
        self, head: ReportHead[Case, SegmentationCaseResult], bootstrap: BootstrapSettings
    ) -> SegmentationReport:
        """See EvaluationTask."""
        return SegmentationReport.of(head, bootstrap)

    def worst(self, report: SegmentationReport, count: int) -> list[SegmentedCase]:
        """See EvaluationTask; those with the lowest mean Dice of the first model."""
        return worst_cases(report.head.cases, count)

    def picture(self, case: SegmentedCase, progress: CaseProgress, cancel: Cancellation | None) -> bytes:
        """The case is segmented again: keeping the labels of all cases would fill the disk."""
        volume = read_volume(case.case.image, self._settings.modality)
        truth = read_truth(case.case.label, volume.grid, self._segments).labels
        predictions = []
        for title, model in zip(_TITLES, self.models, strict=False):
            progress.begin(f"picture of {case.case.title}")
            labels = model.session.segment(volume, progress.within, cancel).labels
            predictions.append((title, _only(labels, self._measured)))
            progress.end()
        return draw_disagreement(volume, _only(truth, self._measured), predictions, self._measured)

    def page(self, report: SegmentationReport, pictures: Sequence[PicturedCase[Case, SegmentationCaseResult]]) -> bytes:
        """See EvaluationTask."""
        return segmentation_page(report, pictures, self._measured)

    @property
    def _segments(self) -> tuple[Segment, ...]:
        return self.models[0].card.segments


def _require_same_segments(first: EvaluatedModel, second: EvaluatedModel) -> None:
    models = (first, second)
    sides = [{each.label_value: each.name.strip().casefold() for each in model.card.segments} for model in models]
    if sides[0] != sides[1]:
        told = " beside ".join(", ".join(f"{value} {name}" for value, name in side.items()) for side in sides)
        raise EvaluationError(
            f"'{first.card.name}' and '{second.card.name}' segment different structures ({told})",
            next_step="compare models with the same structures and label values",
        )


def _only(labels: Volume, segments: Sequence[Segment]) -> Volume:
    """The labels of segments, and background elsewhere."""
    values = [segment.label_value for segment in segments]
    return labels.map(lambda array: np.where(np.isin(array, values), array, 0))
