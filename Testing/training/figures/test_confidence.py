"""Means over seeds have the right interval."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from med3dtrain.figures.confidence import estimate


@pytest.mark.parametrize("values", [[0.1, 0.4], [0.91, 0.93, 0.9], [float(number % 4) for number in range(10)]])
def test_the_interval_is_students(values):
    found = estimate(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=found.mean, scale=stats.sem(values))
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert 2 * found.half_width == pytest.approx(high - low, rel=1e-3)


def test_one_seed_has_no_interval():
    assert math.isnan(estimate([0.5]).half_width)
    assert str(estimate([0.5])) == "0.500"


@pytest.mark.parametrize("count", [0, 11])
def test_other_numbers_of_seeds_are_refused(count):
    with pytest.raises(ValueError, match=f"{count} values"):
        estimate([0.5] * count)
