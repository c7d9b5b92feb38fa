"""How far a figure of a test set may be from that of all patients: bootstrap intervals over cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class BootstrapSettings:
    """How often cases are drawn again, how much of the outcomes the interval holds, and the seed.

    Raises ValueError for a number that makes no sense.
    """

    resamples: int = 2000
    level: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.resamples < 1:
            raise ValueError(f"resamples is {self.resamples}, not a positive whole number")
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level}, not between 0 and 1")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}, which is negative")


@dataclass(frozen=True)
class Interval:
    """A figure and its confidence interval; the ends are None for fewer than two cases."""

    value: float
    low: float | None
    high: float | None


def bootstrap_interval(
    cases: int, statistic: Callable[[Indices], float], settings: BootstrapSettings | None = None
) -> Interval:
    """The percentile interval (Efron and Tibshirani 1993, chapter 13) of a figure of so many cases.

        bootstrap_interval(40, lambda chosen: accuracy(probabilities[chosen], classes[chosen]))

    statistic gets the numbers of the cases that were drawn, with repetitions. Draws for which it is nan,
    as an AUC is for cases of one class, do not count; the ends are None if that leaves none.

    Raises ValueError for no case.
    """
    settings = settings or BootstrapSettings()
    if cases < 1:
        raise ValueError("a figure needs at least one case")
    value = float(statistic(np.arange(cases)))
    if cases < 2:
        return Interval(value, None, None)
    generator = np.random.default_rng(settings.seed)
    drawn = [statistic(generator.integers(0, cases, cases)) for _ in range(settings.resamples)]
    defined = [outcome for outcome in drawn if not math.isnan(outcome)]
    if not defined:
        return Interval(value, None, None)
    tail = 100 * (1 - settings.level) / 2
    low, high = np.percentile(defined, [tail, 100 - tail])
    return Interval(value, float(low), float(high))


def mean_interval(values: Sequence[float], settings: BootstrapSettings | None = None) -> Interval:
    """The mean of one value a case and its interval; raises ValueError for none, or one that is not finite."""
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError("a value is not finite; cases without a value do not belong into a mean")
    return bootstrap_interval(array.size, lambda chosen: float(array[chosen].mean()), settings)
