"""Whether one model is better than another on the same cases, or only looks so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .intervals import BootstrapSettings, Interval, mean_interval

_DRAWS = 10_000
_DECIMALS = 12  # differences that rounding alone makes are none, and ties stay ties
_MOST_EXACT = 13  # 2^13 sign flips are fewer than the draws
_MOST_TABLED = 50  # beyond it the distribution of the ranks is normal


@dataclass(frozen=True)
class PairedComparison:
    """The differences first - second over the cases that have both values.

    difference is their mean with its bootstrap interval. Both p values are two-sided: wilcoxon_p from the
    signed ranks (Wilcoxon 1945, zeros dropped), permutation_p from flipping signs of the differences; both
    are exact for up to 13 cases. With n cases neither can be below 2 / 2^n: five cases can never show .05.
    """

    cases: int
    difference: Interval | None
    higher: int
    lower: int
    wilcoxon_p: float | None
    permutation_p: float | None


def compare_paired(
    first: Sequence[float | None], second: Sequence[float | None], settings: BootstrapSettings | None = None
) -> PairedComparison:
    """Compare one value a case of two models, in the same order of cases.

    A case without a value on one side does not count. Where no case differs, both p values are 1; without
    any case they are None. higher and lower count the cases where first is so; the measure decides what is better.

    Raises ValueError if there are not as many values on both sides.
    """
    settings = settings or BootstrapSettings()
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        return PairedComparison(0, None, 0, 0, None, None)
    differences = np.round([a - b for a, b in pairs], _DECIMALS)
    higher, lower = int((differences > 0).sum()), int((differences < 0).sum())
    interval = mean_interval(differences.tolist(), settings)
    if not higher + lower:
        return PairedComparison(len(pairs), interval, 0, 0, 1.0, 1.0)
    permutation = _permutation_p(differences, settings.seed)
    return PairedComparison(len(pairs), interval, higher, lower, _wilcoxon_p(differences, settings.seed), permutation)


def _wilcoxon_p(differences: NDArray[np.float64], seed: int) -> float:
    changed = differences[differences != 0]
    if changed.size <= _MOST_EXACT:  # scipy's exact method knows no ties; few differences allow all flips
        return _permutation_p(np.sign(changed) * stats.rankdata(np.abs(changed)), seed)
    ties = np.unique(np.abs(changed)).size < changed.size
    method = "asymptotic" if ties or changed.size > _MOST_TABLED else "exact"
    return float(stats.wilcoxon(changed, method=method).pvalue)


def _permutation_p(differences: NDArray[np.float64], seed: int) -> float:
    """If the models were equal, every difference would be as likely the other way round."""
    if differences.size == 1:
        return 1.0
    test = stats.permutation_test(
        (differences,),
        lambda values, axis: np.mean(values, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=_DRAWS,
        rng=np.random.default_rng(seed),
    )
    return float(test.pvalue)
