"""What the folds of a cross-validation say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...evaluation.intervals import Interval, bootstrap_interval
from ..segmentation.case_figures import CaseFigures
from ..segmentation.validation import MEAN


@dataclass(frozen=True)
class MeasuredFold:
    """The figures of a fold, and those of its cases, empty for what is not measured case by case."""

    name: str
    figures: Mapping[str, float]
    cases: CaseFigures


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over so many folds; the latter is None for one fold."""

    mean: float
    standard_deviation: float | None
    folds: int

    def __str__(self) -> str:
        return f"{self.mean:.3f}" + ("" if self.standard_deviation is None else f" ± {self.standard_deviation:.3f}")


@dataclass(frozen=True)
class CrossValidated:
    """All folds of a cross-validation.

    found.over_folds()["mean Dice"]     # 0.881 ± 0.012
    found.over_cases()["mean Dice"]     # 0.880 and its interval, which folds of different sizes do not bend
    """

    folds: tuple[MeasuredFold, ...]

    @property
    def cases(self) -> int:
        """How many cases were measured one by one."""
        return sum(len(fold.cases) for fold in self.folds)

    def over_folds(self) -> dict[str, Spread]:
        """Every figure over the folds that have it."""
        names = dict.fromkeys(name for fold in self.folds for name in fold.figures)
        found = {name: [fold.figures[name] for fold in self.folds if name in fold.figures] for name in names}
        return {
            name: Spread(fmean(values), stdev(values) if len(values) > 1 else None, len(values))
            for name, values in found.items()
        }

    def over_cases(self) -> dict[str, Interval]:
        """The mean over all cases, with a 95 % bootstrap interval, of what is measured case by case.

        A figure is that of the cases that have it; mean Dice is the mean over the structures, as in a fold. Empty
        unless all folds have figures of their cases.
        """
        if not all(fold.cases for fold in self.folds):
            return {}
        of_cases = [figures for fold in self.folds for figures in fold.cases.values()]
        names = list(dict.fromkeys(name for figures in of_cases for name in figures))
        table = np.array([[figures.get(name, np.nan) for name in names] for figures in of_cases])
        columns = {MEAN: table} | {name: table[:, [place]] for place, name in enumerate(names)}
        return {name: _interval(column) for name, column in columns.items()}

    def table(self) -> str:
        """Markdown: every figure fold by fold, over the folds, and over all cases where these are at hand."""
        spreads, intervals = self.over_folds(), self.over_cases()
        head = ["figure", *(fold.name for fold in self.folds), f"mean ± SD of {len(self.folds)} folds"]
        if intervals:
            head.append(f"all {self.cases} cases, 95 % interval")
        lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
        for name, spread in spreads.items():
            cells = [name, *(_told(fold.figures.get(name)) for fold in self.folds), str(spread)]
            if spread.folds < len(self.folds):
                cells[-1] += f" of {spread.folds}"
            if intervals:
                cells.append(_told_interval(intervals.get(name)))
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {
            "folds": [asdict(fold) for fold in self.folds],
            "over_folds": {name: asdict(spread) for name, spread in self.over_folds().items()},
            "over_cases": {name: asdict(interval) for name, interval in self.over_cases().items()},
        }


def _interval(table: NDArray[np.float64]) -> Interval:
    return bootstrap_interval(len(table), lambda chosen: _mean(table[chosen]))


def _mean(table: NDArray[np.float64]) -> float:
    """The mean over columns of their means over the rows that have a value; nan if a column has none."""
    counts = np.isfinite(table).sum(axis=0)
    return float((np.nansum(table, axis=0) / counts).mean()) if counts.all() else float("nan")


def _told(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _told_interval(interval: Interval | None) -> str:
    if interval is None or interval.low is None:
        return _told(interval.value if interval else None)
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"
