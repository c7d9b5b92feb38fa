"""An evaluation from cases to the two files of its report."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Generic

from Med3DInsightLib.analysis.computing.progress import Cancellation, ProgressCallback
from Med3DInsightLib.storage import remove_unfinished, sole_run, staged_files

from ..datasets.bad_input import BadInput, OnBadInput
from ..runs.finished_runs import FinishedRuns
from .case_progress import CaseProgress
from .errors import EvaluationError
from .evaluated_case import IMAGE, CaseT, EvaluatedCase, PicturedCase, ResultT, SkippedCase
from .intervals import BootstrapSettings
from .met_images import MetImages
from .report_head import ReportHead
from .scoring import CaseScoring
from .task import EvaluationTask, ReportT

HTML, JSON = "report.html", "report.json"
FILES = (HTML, JSON)
"""The files of a report; report.json comes last and marks it complete."""
_FINISHED = "cases.jsonl"


@dataclass(frozen=True)
class EvaluationSettings:
    """How an evaluation is done.

    worst is how many cases get a picture, command what the report calls itself, split which cases were chosen.
    """

    bootstrap: BootstrapSettings = field(default_factory=BootstrapSettings)
    worst: int = 4
    on_bad_input: OnBadInput = OnBadInput.STOP
    overwrite: bool = False
    command: str = ""
    split: str = ""


class Evaluation(Generic[CaseT, ResultT, ReportT]):
    """Measures one model, or two on the same cases, and writes report.json and report.html.

        task = SegmentationTask(models, ScoringSettings())
        Evaluation(task, EvaluationSettings(), Path("out"), print, show).run(list_cases(Path("Task04")))

    Results are kept in the output folder as they come (cases.jsonl), so an evaluation that was killed goes on;
    the report is the same to the bit. The report appears as a whole or not at all.
    """

    def __init__(
        self,
        task: EvaluationTask[CaseT, ResultT, ReportT],
        settings: EvaluationSettings,
        output: Path,
        report: Callable[[str], None],
        progress: ProgressCallback,
        cancel: Cancellation | None = None,
    ) -> None:
        self._task = task
        self._settings = settings
        self._output = output
        self._report = report
        self._progress = progress
        self._cancel = cancel

    def run(self, cases: Sequence[CaseT]) -> ReportT:
        """Evaluate, and write the report.

        Raises EvaluationError if no case is left, VolumeError, DatasetError, EvaluationError or MemoryShortage for a
        case that cannot be used (unless those are skipped), OutputError if the folder cannot be written,
        AnalysisCancelled.
        """
        with sole_run(self._output):
            remove_unfinished(self._output)
            with staged_files(self._output, FILES, self._settings.overwrite) as staging:
                report, pictures = self._measured(cases)
                (staging / HTML).write_bytes(self._task.page(report, pictures))
                text = json.dumps(report.as_json(), indent=1, allow_nan=False)
                (staging / JSON).write_text(text + "\n", encoding="ascii")
        return report

    def _measured(self, cases: Sequence[CaseT]) -> tuple[ReportT, list[PicturedCase[CaseT, ResultT]]]:
        settings, task = self._settings, self._task
        pictures = min(max(0, settings.worst), len(cases))
        steps = len(cases) * len(task.models) + pictures * task.steps_of_a_picture
        progress = CaseProgress(steps, self._progress)
        bad = BadInput(settings.on_bad_input, self._report)
        finished = FinishedRuns(self._output / _FINISHED)
        found, skipped = CaseScoring(task, finished, bad, self._report, self._cancel).run(cases, progress)
        if not found:
            raise EvaluationError("no case can be used", next_step="mend what was skipped")
        report = task.report(self._head(found, skipped), settings.bootstrap)
        return report, [PicturedCase(each, self._picture(each, progress)) for each in task.worst(report, pictures)]

    def _head(
        self, found: Sequence[EvaluatedCase[CaseT, ResultT]], skipped: Sequence[SkippedCase]
    ) -> ReportHead[CaseT, ResultT]:
        hashes = [(each.case.title, each.files[IMAGE].sha256) for each in found]
        models = self._task.models
        return ReportHead(
            self._settings.command,
            {"split": self._settings.split, **self._task.settings, **asdict(self._settings.bootstrap)},
            tuple(model.facts for model in models),
            tuple(MetImages.of(model.card, hashes) for model in models),
            tuple(found),
            tuple(skipped),
        )

    def _picture(self, each: EvaluatedCase[CaseT, ResultT], progress: CaseProgress) -> bytes:
        png = self._task.picture(each, progress, self._cancel)
        if self._task.files(each.case) != each.files:
            raise EvaluationError(
                f"the files of case {each.case.title} changed while it was evaluated",
                next_step="run the same command again",
            )
        return png
