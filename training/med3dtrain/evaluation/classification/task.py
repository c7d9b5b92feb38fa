"""Evaluating bundles that classify."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from Med3DInsightLib import __version__
from Med3DInsightLib.analysis.computing.progress import Cancellation, ProgressCallback
from Med3DInsightLib.volumes import Modality
from Med3DInsightLib.volumes.errors import errors_naming
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ..case_progress import CaseProgress
from ..errors import EvaluationError
from ..evaluated_case import IMAGE, PicturedCase
from ..intervals import BootstrapSettings
from ..model import EvaluatedModel
from ..report_head import ReportHead
from .cases import ClassCase
from .middle_picture import draw_middle
from .page import classification_page
from .report import ClassificationReport
from .result import CaseAnswer, ClassifiedCaseResult, worst_cases


class ClassificationTask:
    """What a session says a volume is, against what it is; see EvaluationTask.

        ClassificationTask([EvaluatedModel(bundle, HeadKind.CLASSIFICATION, Device.AUTO)], modality=None)

    modality is how the images were made if their files do not say it. Raises EvaluationError if two models do not
    know the same classes, or one has two of one name.
    """

    def __init__(self, models: Sequence[EvaluatedModel], modality: Modality | None) -> None:
        self.models = models
        self._modality = modality
        self._class_names = models[0].card.class_names
        for model in models:
            _require_classes(model, self._class_names)

    @property
    def settings(self) -> dict[str, Any]:
        """See EvaluationTask."""
        return {"modality": self._modality.value if self._modality else None}

    @property
    def steps_of_a_picture(self) -> int:
        """See EvaluationTask; the slices of a volume need no model."""
        return 0

    def files(self, case: ClassCase) -> dict[str, Fingerprint]:
        """See EvaluationTask."""
        return {IMAGE: case.fingerprint()}

    def key(self, model: EvaluatedModel, files: Mapping[str, Fingerprint]) -> dict[str, Any]:
        """See EvaluationTask; the true class is no part of it, because the answer does not depend on it."""
        return {
            "image": files[IMAGE].sha256,
            "model": model.identity,
            "names": list(model.card.class_names),
            "order": list(self._class_names),
            "modality": self._modality,
            "software": __version__,
        }

    def opened(self, case: ClassCase) -> Callable[[EvaluatedModel, ProgressCallback, Cancellation | None], CaseAnswer]:
        """See EvaluationTask."""
        volume = case.read()

        def measure(model: EvaluatedModel, progress: ProgressCallback, cancel: Cancellation | None) -> CaseAnswer:
            with errors_naming(case.source):
                found = model.session.classify(volume)
            probabilities = tuple(found.probabilities[name] for name in self._class_names)
            return CaseAnswer(probabilities, found.unlikeness, found.is_unfamiliar)

        return measure

    def restored(self, entry: Any) -> CaseAnswer:
        """See EvaluationTask."""
        return CaseAnswer.from_json(entry)

    def told(self, results: Sequence[CaseAnswer]) -> str:
        """See EvaluationTask."""
        return " and ".join(f"{self._class_names[answer.class_number]} ({answer.confidence:.3f})" for answer in results)

    def report(self, head: ReportHead[ClassCase, CaseAnswer], bootstrap: BootstrapSettings) -> ClassificationReport:
        """See EvaluationTask."""
        return ClassificationReport.of(head, self._class_names, bootstrap)

    def worst(self, report: ClassificationReport, count: int) -> list[ClassifiedCaseResult]:
        """See EvaluationTask; the most confident of the wrong answers of the first model."""
        return worst_cases(report.head.cases, count)

    def picture(self, case: ClassifiedCaseResult, progress: CaseProgress, cancel: Cancellation | None) -> bytes:
        """See EvaluationTask; the middle slices."""
        return draw_middle(case.case.read())

    def page(self, report: ClassificationReport, pictures: Sequence[PicturedCase[ClassCase, CaseAnswer]]) -> bytes:
        """See EvaluationTask."""
        return classification_page(report, pictures)


def _require_classes(model: EvaluatedModel, class_names: Sequence[str]) -> None:
    """The same names as class_names, in whatever order, each once."""
    names = model.card.class_names
    if len(set(names)) < len(names):
        raise EvaluationError(f"'{model.card.name}' has two classes of one name ({', '.join(names)})")
    if set(names) != set(class_names):
        told = f"{', '.join(class_names)} beside {', '.join(names)}"
        raise EvaluationError(
            f"'{model.card.name}' knows other classes ({told})", next_step="compare models with the same classes"
        )
