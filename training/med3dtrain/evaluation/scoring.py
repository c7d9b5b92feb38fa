"""Cases scored one after the other, each kept as soon as it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic

from Med3DInsightLib.analysis.computing.errors import MemoryShortage
from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled, Cancellation
from Med3DInsightLib.volumes import VolumeError

from ..datasets.bad_input import BadInput
from ..datasets.errors import DatasetError
from ..runs.finished_runs import FinishedRuns
from .case_progress import CaseProgress
from .errors import EvaluationError
from .evaluated_case import IMAGE, CaseT, EvaluatedCase, ResultT, SkippedCase
from .one_line import one_line
from .task import EvaluationTask


class CaseScoring(Generic[CaseT, ResultT]):
    """Scores cases with one model or two; what FinishedRuns holds of this content is not computed again.

        scoring = CaseScoring(task, FinishedRuns(folder / "cases.jsonl"), bad, print)
        scoring.run(cases, CaseProgress(len(cases), callback))

    A case that cannot be used goes to bad, which raises or skips it.
    """

    def __init__(
        self,
        task: EvaluationTask[CaseT, ResultT, Any],
        finished: FinishedRuns,
        bad: BadInput,
        report: Callable[[str], None],
        cancel: Cancellation | None = None,
    ) -> None:
        self._task = task
        self._finished = finished
        self._bad = bad
        self._report = report
        self._cancel = cancel

    def run(
        self, cases: Sequence[CaseT], progress: CaseProgress
    ) -> tuple[list[EvaluatedCase[CaseT, ResultT]], list[SkippedCase]]:
        """The results of all cases that can be used, in their order, and those that were skipped.

        Raises VolumeError, DatasetError, EvaluationError or MemoryShortage for a case that cannot be used and is not
        skipped, AnalysisCancelled between two cases.
        """
        found: list[EvaluatedCase[CaseT, ResultT]] = []
        skipped: list[SkippedCase] = []
        first_of: dict[str, str] = {}
        for number, case in enumerate(cases, start=1):
            try:
                scored = self._score(case, progress)
            except (VolumeError, DatasetError, EvaluationError, MemoryShortage) as error:
                self._bad.meet(error)
                skipped.append(SkippedCase(case.name, str(error)))
                progress.skip_to(number * len(self._task.models))
                continue
            same_as = first_of.setdefault(scored.files[IMAGE].sha256, case.name)
            if same_as != case.name:
                scored = replace(scored, remarks=(f"the same image as case {same_as}",))
            found.append(scored)
            told = "; ".join([self._task.told(scored.results), *scored.notices])
            self._report(one_line(f"case {number} of {len(cases)}: {case.name}, {told}{_left(progress)}"))
        return found, skipped

    def _score(self, case: CaseT, progress: CaseProgress) -> EvaluatedCase[CaseT, ResultT]:
        if self._cancel is not None and self._cancel.is_set():
            raise AnalysisCancelled("the evaluation was cancelled", next_step="run it again to go on")
        task = self._task
        files = task.files(case)
        keys = [task.key(model, files) for model in task.models]
        if any(self._finished.find(key) is None for key in keys):
            self._compute(case, keys, progress)
        else:
            for _ in task.models:
                progress.end()
        results = tuple(task.restored(self._finished.find(key)) for key in keys)
        return EvaluatedCase(case, files, results)

    def _compute(self, case: CaseT, keys: Sequence[Mapping[str, Any]], progress: CaseProgress) -> None:
        measure = self._task.opened(case)
        for model, key in zip(self._task.models, keys, strict=True):
            if self._finished.find(key) is None:
                progress.begin(case.title)
                self._finished.add(key, measure(model, progress.within, self._cancel).as_json())
            progress.end()


def _left(progress: CaseProgress) -> str:
    left = progress.seconds_left
    return "" if not left else f", about {round(left)} s left"
