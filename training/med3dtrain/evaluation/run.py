"""An evaluation from bundle and cases to the two files of its report."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from Med3DInsightLib.analysis.progress import Cancellation, ProgressCallback
from Med3DInsightLib.batch.output_lock import sole_writer
from Med3DInsightLib.export.staging import remove_unfinished, staged_files
from Med3DInsightLib.volumes import Segment, Volume, read_volume
from Med3DInsightLib.volumes.source_files import Fingerprint

from ..datasets.bad_input import BadInput, OnBadInput
from ..datasets.cases import Case
from ..datasets.truth import read_truth
from ..runs.finished_runs import FinishedRuns
from .case_progress import CaseProgress
from .errors import EvaluationError
from .evaluated_case import EvaluatedCase, worst_cases
from .intervals import BootstrapSettings
from .model import EvaluatedModel
from .scoring import CaseScoring
from .segmentation.page import WorstCase, html_report
from .segmentation.report import Report
from .segmentation.scoring_settings import ScoringSettings
from .segmentation.worst_picture import draw_disagreement

HTML, JSON = "report.html", "report.json"
FILES = (HTML, JSON)
"""The files of a report; report.json comes last and marks it complete."""
_FINISHED = "cases.jsonl"
_TITLES = ("prediction", "prediction of the other model")


@dataclass(frozen=True)
class EvaluationSettings:
    """How an evaluation is done; worst is how many cases get a picture, command what the report calls itself."""

    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    bootstrap: BootstrapSettings = field(default_factory=BootstrapSettings)
    worst: int = 4
    on_bad_input: OnBadInput = OnBadInput.STOP
    overwrite: bool = False
    command: str = ""
    split: str = ""


class Evaluation:
    """Measures one model, or two on the same cases, and writes report.json and report.html.

        Evaluation([model], EvaluationSettings(), Path("out"), print, show).run(list_cases(Path("Task04")))

    Scores are kept in the output folder as they come (cases.jsonl), so an evaluation that was killed goes on;
    the report is the same to the bit. The report appears as a whole or not at all.
    """

    def __init__(
        self,
        models: Sequence[EvaluatedModel],
        settings: EvaluationSettings,
        output: Path,
        report: Callable[[str], None],
        progress: ProgressCallback,
        cancel: Cancellation | None = None,
    ) -> None:
        self._models = models
        self._settings = settings
        self._output = output
        self._report = report
        self._progress = progress
        self._cancel = cancel

    def run(self, cases: Sequence[Case]) -> Report:
        """Evaluate, and write the report.

        Raises EvaluationError for a structure that there is not and if no case is left, VolumeError or
        EvaluationError for a case that cannot be used (unless those are skipped), OutputError if the folder
        cannot be written, AnalysisCancelled.
        """
        settings = self._settings
        for model in self._models:
            settings.scoring.measured(model.segments)
        with sole_writer(self._output):
            remove_unfinished(self._output)
            with staged_files(self._output, FILES, settings.overwrite) as staging:
                report, worst = self._measured(cases)
                (staging / HTML).write_bytes(
                    html_report(report, worst, settings.scoring.measured(self._models[0].segments))
                )
                text = json.dumps(report.as_json(), indent=1, allow_nan=False)
                (staging / JSON).write_text(text + "\n", encoding="ascii")
        return report

    def _measured(self, cases: Sequence[Case]) -> tuple[Report, list[WorstCase]]:
        settings = self._settings
        pictures = min(max(0, settings.worst), len(cases))
        progress = CaseProgress((len(cases) + pictures) * len(self._models), self._progress)
        bad = BadInput(settings.on_bad_input, self._report)
        finished = FinishedRuns(self._output / _FINISHED)
        scoring = CaseScoring(self._models, settings.scoring, finished, bad, self._report, self._cancel)
        found, skipped = scoring.run(cases, progress)
        if not found:
            raise EvaluationError("no case can be used", next_step="mend what was skipped")
        facts = [model.facts for model in self._models]
        report = Report.of(settings.command, self._told(), facts, found, skipped, settings.bootstrap)
        return report, [WorstCase(each, self._picture(each, progress)) for each in worst_cases(found, pictures)]

    def _picture(self, each: EvaluatedCase, progress: CaseProgress) -> bytes:
        """The case is segmented again: keeping the labels of all cases would fill the disk."""
        case = each.case
        volume = read_volume(case.image, self._settings.scoring.modality)
        truth = read_truth(case.label, volume.grid, self._models[0].segments).labels
        if (Fingerprint.of(case.image), Fingerprint.of(case.label)) != (each.image, each.label):
            raise EvaluationError("changed while it was evaluated", case.image, "run the same command again")
        measured = self._settings.scoring.measured(self._models[0].segments)
        predictions = []
        for title, model in zip(_TITLES, self._models, strict=False):
            progress.begin(f"picture of {case.title}")
            labels = model.segment(volume, progress.within, self._cancel).labels
            predictions.append((title, _only(labels, measured)))
            progress.end()
        return draw_disagreement(volume, _only(truth, measured), predictions, measured)

    def _told(self) -> dict[str, Any]:
        scoring, bootstrap = self._settings.scoring, self._settings.bootstrap
        return {
            "split": self._settings.split,
            "tolerance_mm": scoring.tolerance_mm,
            "only": list(scoring.only),
            "modality": scoring.modality.value if scoring.modality else None,
            "resamples": bootstrap.resamples,
            "level": bootstrap.level,
            "seed": bootstrap.seed,
        }


def _only(labels: Volume, segments: Sequence[Segment]) -> Volume:
    """The labels of segments, and background elsewhere."""
    values = [segment.label_value for segment in segments]
    return labels.map(lambda array: np.where(np.isin(array, values), array, 0))
