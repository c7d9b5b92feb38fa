"""The vector study: loss modes, mends, metrics, terms and batches over shares of wrong captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ...figures.charts import Chart, Curve
from ..arms import SHARES, Arm, train_arms
from ..study import Findings
from .arms import mends, metrics, modes, small_batches, terms
from .tables import Measured, aims_of, table
from .task import VectorScores, VectorTask, VectorTaskSettings

_ALL, _QUICK = 40, 10
"""Epochs. Memorising shows after 10, so a quick study cannot tell about it, and says so."""


@dataclass(frozen=True)
class VectorRun:
    """One training of the task."""

    task: VectorTaskSettings
    wrong: float
    seed: int


def train_vector_task(settings: Any) -> list[dict[str, Any]]:
    """Scores after every epoch of a VectorRun, both as JSON."""
    run = TypeAdapter(VectorRun).validate_python(settings)
    return [asdict(scores) for scores in VectorTask(run.task, run.wrong, run.seed).run()]


class VectorStudy:
    """Everything that the vector task can tell, in tables.

    findings = VectorStudy(quick=False, seeds=3).run(folder, workers=2, show=print)
    """

    def __init__(self, quick: bool, seeds: int) -> None:
        self._task = VectorTaskSettings(epochs=_QUICK if quick else _ALL)
        self._quick = quick
        self._seeds = seeds

    def run(self, folder: Path, workers: int, show: Callable[[str], None]) -> Findings:
        """See Study.run."""
        task = self._task
        sections = {
            "Loss modes": modes(task, (0.0, 0.4) if self._quick else SHARES),
            "The paper's loss, mended step by step": mends(task),
            "Metrics, mode robust": metrics(task),
            "Captions only": terms(task),
            "Small batches, mode robust": small_batches(task),
        }
        if self._quick:
            sections = {name: sections[name] for name in list(sections)[:2]}
        arms = [arm for section in sections.values() for arm in section]
        measured = dict(zip(arms, self._train(arms, folder, workers, show), strict=True))
        chosen = {name: [measured[arm] for arm in section] for name, section in sections.items()}
        header = f"R@1 of captions among {task.pairs.test} clean test pairs; {self._seeds} seeds, 95 % intervals."
        if self._quick:
            header += f" Quick: {_QUICK} epochs, too few to see memorising."
        text = "\n\n".join([header, *(f"### {name}\n\n{table(rows)}" for name, rows in chosen.items())])
        results = {name: [row.as_json() for row in rows] for name, rows in chosen.items()}
        return Findings(results, text, aims_of(chosen["Loss modes"]), _charts(chosen["Loss modes"]))

    def _train(
        self, arms: Sequence[Arm[VectorTaskSettings]], folder: Path, workers: int, show: Callable[[str], None]
    ) -> list[Measured]:
        """Every arm with every seed."""
        finished = folder / "vector_runs.jsonl"
        trained = train_arms(train_vector_task, arms, self._seeds, finished, workers, show)
        return [
            Measured(arm.name, arm.wrong, [[VectorScores(**of_epoch) for of_epoch in run] for run in runs])
            for arm, runs in zip(arms, trained, strict=True)
        ]


def _charts(rows: Sequence[Measured]) -> list[Chart]:
    """Recall over epochs, with right captions and with some that are wrong."""
    charts = []
    for wrong in (0.0, 0.4):
        curves = [
            Curve(row.name, range(1, row.epochs + 1), [[one.caption_recall for one in run] for run in row.scores])
            for row in rows
            if row.wrong == wrong
        ]
        charts.append(Chart(f"{wrong:.0%} of the captions wrong", "R@1 of captions", curves))
    return charts
