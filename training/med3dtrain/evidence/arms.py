"""What a study compares: arms, their training with every seed, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from ..runs.finished_runs import FinishedRuns
from .study import run_all

Task = TypeVar("Task")
Scores = TypeVar("Scores")

SHARES = (0.0, 0.2, 0.4, 0.6)
"""The shares of wrong captions that losses are compared with."""


@dataclass(frozen=True)
class Arm(Generic[Task]):
    """One way to train, and the share of wrong captions it is trained with."""

    name: str
    task: Task
    wrong: float


@dataclass(frozen=True)
class MeasuredArm(Generic[Scores]):
    """Scores of one arm: for every seed, of every epoch that was measured."""

    name: str
    wrong: float
    scores: Sequence[Sequence[Scores]]

    def as_json(self) -> dict[str, Any]:
        """Everything, for whoever wants to plot it."""
        seeds = [[asdict(one) for one in run] for run in self.scores]  # type: ignore[call-overload]
        return {"name": self.name, "wrong": self.wrong, "seeds": seeds}


def train_arms(
    train: Callable[[Any], list[dict[str, Any]]],
    arms: Sequence[Arm[Any]],
    seeds: int,
    finished: Path,
    workers: int,
    show: Callable[[str], None],
) -> list[list[list[dict[str, Any]]]]:
    """For every arm, for every seed, the scores over epochs as JSON; see run_all().

    train is a function of a module that is given task, wrong and seed by name. finished is the file in which runs
    that are done are kept.
    """
    runs = [{"task": asdict(arm.task), "wrong": arm.wrong, "seed": seed} for arm in arms for seed in range(seeds)]
    results = run_all(train, runs, FinishedRuns(finished), workers, show)
    return [results[first : first + seeds] for first in range(0, len(results), seeds)]
