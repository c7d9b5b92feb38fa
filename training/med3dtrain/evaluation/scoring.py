"""Cases scored one after the other, each kept as soon as it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from Med3DInsightLib import __version__
from Med3DInsightLib.analysis.errors import MemoryShortage
from Med3DInsightLib.analysis.progress import Cancellation
from Med3DInsightLib.volumes import Volume, VolumeError, read_volume
from Med3DInsightLib.volumes.errors import errors_naming
from Med3DInsightLib.volumes.source_files import Fingerprint

from ..datasets.bad_input import BadInput
from ..datasets.cases import Case
from ..datasets.errors import DatasetError
from ..datasets.truth import Truth, read_truth
from ..runs.finished_runs import FinishedRuns
from .case_progress import CaseProgress
from .errors import EvaluationError
from .evaluated_case import CaseResult, EvaluatedCase, SkippedCase
from .model import EvaluatedModel
from .segmentation.measures import mean_over_structures, structure_scores
from .segmentation.scoring_settings import ScoringSettings


class CaseScoring:
    """Scores cases with one model or two; what FinishedRuns holds of this content is not computed again.

        scoring = CaseScoring([model], ScoringSettings(), FinishedRuns(folder / "cases.jsonl"), bad, print)
        scoring.run(cases, CaseProgress(len(cases), callback))

    A case that cannot be used goes to bad, which raises or skips it.
    """

    def __init__(
        self,
        models: Sequence[EvaluatedModel],
        settings: ScoringSettings,
        finished: FinishedRuns,
        bad: BadInput,
        report: Callable[[str], None],
        cancel: Cancellation | None = None,
    ) -> None:
        self._models = models
        self._settings = settings
        self._finished = finished
        self._bad = bad
        self._report = report
        self._cancel = cancel

    def run(self, cases: Sequence[Case], progress: CaseProgress) -> tuple[list[EvaluatedCase], list[SkippedCase]]:
        """The results of all cases that can be used, in their order, and those that were skipped.

        Raises VolumeError, DatasetError, EvaluationError or MemoryShortage for a case that cannot be used and is not
        skipped.
        """
        found: list[EvaluatedCase] = []
        skipped: list[SkippedCase] = []
        first_of: dict[str, str] = {}
        for number, case in enumerate(cases, start=1):
            try:
                scored = self._score(case, progress)
            except (VolumeError, DatasetError, EvaluationError, MemoryShortage) as error:
                self._bad.meet(error)
                skipped.append(SkippedCase(case.name, str(error)))
                progress.skip_to(number * len(self._models))
                continue
            same_as = first_of.setdefault(scored.image.sha256, case.name)
            found.append(scored if same_as == case.name else _marked(scored, f"the same image as case {same_as}"))
            self._report(f"case {number} of {len(cases)}: {_told(found[-1])}{_left(progress)}")
        return found, skipped

    def _score(self, case: Case, progress: CaseProgress) -> EvaluatedCase:
        image, label = _fingerprint(case.image), _fingerprint(case.label)
        keys = [self._key(model, image, label) for model in self._models]
        if any(self._finished.find(key) is None for key in keys):
            self._compute(case, keys, progress)
        else:
            for _ in self._models:
                progress.end()
        results = tuple(CaseResult.from_json(self._finished.find(key)) for key in keys)
        return EvaluatedCase(case, image, label, results)

    def _compute(self, case: Case, keys: Sequence[dict[str, Any]], progress: CaseProgress) -> None:
        volume = read_volume(case.image, self._settings.modality)
        truth = read_truth(case.label, volume.grid, self._models[0].segments)
        for model, key in zip(self._models, keys, strict=True):
            if self._finished.find(key) is None:
                progress.begin(case.title)
                try:
                    with errors_naming(case.image):
                        result = self._result(model, volume, truth, progress)
                except MemoryShortage as error:
                    raise MemoryShortage(error.cause, case.image, error.next_step) from error
                self._finished.add(key, result.as_json())
            progress.end()

    def _result(self, model: EvaluatedModel, volume: Volume, truth: Truth, progress: CaseProgress) -> CaseResult:
        predicted = model.segment(volume, progress.within, self._cancel)
        measured = self._settings.measured(model.segments)
        scores = structure_scores(predicted.labels, truth.labels, measured, self._settings.tolerance_mm)
        return CaseResult(scores, (*truth.notices, *predicted.adjustments))

    def _key(self, model: EvaluatedModel, image: Fingerprint, label: Fingerprint) -> dict[str, Any]:
        return {
            "image": image.sha256,
            "label": label.sha256,
            "model": model.identity,
            "names": [segment.name for segment in self._settings.measured(model.segments)],
            "tolerance_mm": self._settings.tolerance_mm,
            "modality": self._settings.modality,
            "software": __version__,
        }


def _fingerprint(path: Any) -> Fingerprint:
    try:
        return Fingerprint.of(path)
    except FileNotFoundError as error:
        raise EvaluationError("there is no such file", path, "every image needs a label of the same name") from error
    except OSError as error:
        raise EvaluationError(f"cannot be read ({error.strerror})", path, "make it readable") from error


def _marked(scored: EvaluatedCase, notice: str) -> EvaluatedCase:
    results = tuple(replace(each, notices=(*each.notices, notice)) for each in scored.results)
    return replace(scored, results=results)


def _told(scored: EvaluatedCase) -> str:
    dices = [mean_over_structures(result.structures) for result in scored.results]
    told = " and ".join("none" if dice is None else f"{dice:.3f}" for dice in dices)
    notices = "".join(f"; {notice}" for notice in dict.fromkeys(n for each in scored.results for n in each.notices))
    return f"{scored.case.title}, mean Dice {told}{notices}"


def _left(progress: CaseProgress) -> str:
    left = progress.seconds_left
    return "" if not left else f", about {round(left)} s left"
