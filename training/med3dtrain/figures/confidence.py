"""Means over seeds with their confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

_STUDENT_975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""97.5 % quantiles of Student's t for 1 to 9 degrees of freedom."""


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds and half the width of its 95 % confidence interval (nan for one seed)."""

    mean: float
    half_width: float

    def __str__(self) -> str:
        return f"{self.mean:.3f}" if math.isnan(self.half_width) else f"{self.mean:.3f} ± {self.half_width:.3f}"


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and t interval of values, one per seed; raises ValueError for none, or more than ten."""
    if not 1 <= len(values) <= len(_STUDENT_975) + 1:
        raise ValueError(f"{len(values)} values; an estimate is made of 1 to {len(_STUDENT_975) + 1}")
    if len(values) == 1:
        return Estimate(values[0], math.nan)
    quantile = _STUDENT_975[len(values) - 2]
    return Estimate(fmean(values), quantile * stdev(values) / math.sqrt(len(values)))
