"""The study on phantoms: losses, kinds of wrong captions, and the parts of PSAT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ...figures.charts import Chart, Curve
from ..arms import SHARES, Arm, train_arms
from ..study import Findings
from .arms import conditionings, kinds, modes, queries, reconstructions, terms
from .tables import Measured, aims_of, table
from .task import PhantomScores, PhantomTask, PhantomTaskSettings

_QUICK_EPOCHS, _QUICK_MEASURES = 25, 5
_CHARTED_WRONG = 0.4


@dataclass(frozen=True)
class PhantomRun:
    """One training of the task."""

    task: PhantomTaskSettings
    wrong: float
    seed: int


def train_phantom_task(settings: Any) -> list[dict[str, Any]]:
    """Scores over the epochs of a PhantomRun, both as JSON."""
    run = TypeAdapter(PhantomRun).validate_python(settings)
    return [asdict(scores) for scores in PhantomTask(run.task, run.wrong, run.seed).run()]


class PhantomStudy:
    """Everything that phantoms can tell, in tables.

    findings = PhantomStudy(quick=False, seeds=3).run(folder, workers=2, show=print)
    """

    def __init__(self, quick: bool, seeds: int) -> None:
        self._quick = quick
        self._seeds = seeds
        self._task = PhantomTaskSettings()
        if quick:
            self._task = PhantomTaskSettings(epochs=_QUICK_EPOCHS, measure_every=_QUICK_MEASURES)

    def run(self, folder: Path, workers: int, show: Callable[[str], None]) -> Findings:
        """See Study.run."""
        sections = self._sections()
        arms = [arm for section in sections.values() for arm in section]
        trained = iter(self._train(arms, folder, workers, show))
        measured = {name: [next(trained) for _ in section] for name, section in sections.items()}
        text = "\n\n".join([self._header(), *(f"### {name}\n\n{table(rows)}" for name, rows in measured.items())])
        results = {name: [row.as_json() for row in rows] for name, rows in measured.items()}
        aims = aims_of(measured["Loss modes"], measured["How PSAT is told the slice"])
        return Findings(results, text, aims, _charts(measured["Loss modes"]))

    def _sections(self) -> dict[str, list[Arm[PhantomTaskSettings]]]:
        task = self._task
        if self._quick:
            wanted = {("infonce", 0.0), ("infonce", 0.4), ("robust", 0.0), ("robust", 0.4)}
            return {
                "Loss modes": [arm for arm in modes(task, SHARES) if (arm.name, arm.wrong) in wanted],
                "How PSAT is told the slice": conditionings(task),
            }
        return {
            "Loss modes": modes(task, SHARES),
            "Ways to be wrong": kinds(task),
            "How PSAT is told the slice": conditionings(task),
            "Queries": queries(task),
            "Reconstruction": reconstructions(task),
            "Terms, mode robust": terms(task),
        }

    def _header(self) -> str:
        pairs = self._task.pairs
        phantoms, slices = pairs.phantoms, 3 * pairs.test_slices
        header = (
            f"R@10 of captions among {phantoms.test * slices} slices of {phantoms.test} phantoms that were not learnt "
            f"from; {phantoms.training} others with {3 * pairs.training_slices} captions each to learn from; "
            f"{self._seeds} seeds, 95 % intervals."
        )
        return header + (f" Quick: {self._task.epochs} epochs, too few to see memorising." if self._quick else "")

    def _train(
        self, arms: Sequence[Arm[PhantomTaskSettings]], folder: Path, workers: int, show: Callable[[str], None]
    ) -> list[Measured]:
        """Every arm with every seed."""
        finished = folder / "phantom_runs.jsonl"
        trained = train_arms(train_phantom_task, arms, self._seeds, finished, workers, show)
        return [
            Measured(arm.name, arm.wrong, [[PhantomScores(**of_epoch) for of_epoch in run] for run in runs])
            for arm, runs in zip(arms, trained, strict=True)
        ]


def _charts(rows: Sequence[Measured]) -> list[Chart]:
    """Recall and memorising over epochs."""
    wrong = [row for row in rows if row.wrong == _CHARTED_WRONG]
    clean = [row for row in rows if row.wrong == 0.0]
    return [
        Chart("captions right", "R@10 of captions", _curves(clean, "caption_recall")),
        Chart(f"{_CHARTED_WRONG:.0%} of the captions swapped", "R@10 of captions", _curves(wrong, "caption_recall")),
        Chart(f"{_CHARTED_WRONG:.0%} of the captions swapped", "memorised", _curves(wrong, "memorised")),
    ]


def _curves(rows: Sequence[Measured], field: str) -> list[Curve]:
    return [Curve(row.name, row.epochs, [[getattr(one, field) for one in run] for run in row.scores]) for row in rows]
