"""Intervals hold what they say, and equal models are not told apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from med3dtrain.evaluation.intervals import BootstrapSettings, bootstrap_interval, mean_interval
from med3dtrain.evaluation.pairing import compare_paired

FEW = BootstrapSettings(resamples=400)


def test_the_interval_of_a_mean_is_that_of_scipy():
    values = np.random.default_rng(0).normal(0.8, 0.1, 60)
    found = mean_interval(values.tolist(), BootstrapSettings(resamples=3000))
    expected = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=3000, rng=1).confidence_interval
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.004)


def test_the_interval_holds_the_true_mean_about_as_often_as_it_says():
    generator = np.random.default_rng(0)
    settings = BootstrapSettings(resamples=200, level=0.9)
    held = [
        found.low <= 0.7 <= found.high
        for found in (mean_interval(generator.normal(0.7, 0.1, 30).tolist(), settings) for _ in range(100))
    ]
    assert 0.8 < np.mean(held) < 0.97


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    values = [0.1, 0.7, 0.9, 0.4]
    one, same, other = (mean_interval(values, BootstrapSettings(100, seed=seed)) for seed in (1, 1, 2))
    assert one == same != other


def test_one_case_has_no_interval_and_equal_cases_have_none_to_speak_of():
    assert mean_interval([0.5]).low is None
    found = mean_interval([0.5, 0.5, 0.5], FEW)
    assert (found.low, found.high) == (0.5, 0.5)


def test_draws_without_a_value_do_not_count():
    classes = np.array([0, 0, 0, 1])
    found = bootstrap_interval(4, lambda chosen: float("nan") if len(set(classes[chosen])) < 2 else 1.0, FEW)
    assert (found.low, found.high) == (1.0, 1.0)
    assert bootstrap_interval(3, lambda chosen: float("nan"), FEW).low is None


def test_values_that_are_not_finite_and_no_values_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        mean_interval([0.5, float("nan")])
    with pytest.raises(ValueError, match="at least one case"):
        mean_interval([])
    with pytest.raises(ValueError, match="between 0 and 1"):
        BootstrapSettings(level=95)
    with pytest.raises(ValueError, match="resamples is 0"):
        BootstrapSettings(resamples=0)


def test_the_permutation_test_counts_all_flips_of_signs():
    first, second = [0.9, 0.8, 0.7, 0.75, 0.6], [0.8, 0.82, 0.5, 0.7, 0.45]
    differences = np.round(np.subtract(first, second), 12)
    flipped = [abs(np.dot(signs, differences)) for signs in itertools.product((-1, 1), repeat=5)]
    expected = np.mean(np.array(flipped) >= abs(differences.sum()) - 1e-12)
    assert compare_paired(first, second, FEW).permutation_p == pytest.approx(expected)


def test_the_wilcoxon_test_counts_all_flips_of_ranks_also_with_ties():
    differences = np.array([0.1, 0.1, -0.1, 0.3, 0.2, 0.2])
    ranks = stats.rankdata(np.abs(differences))
    sums = [abs(np.dot(signs, ranks)) for signs in itertools.product((-1, 1), repeat=6)]
    expected = np.mean(np.array(sums) >= abs(np.dot(np.sign(differences), ranks)) - 1e-9)
    assert compare_paired(differences.tolist(), [0.0] * 6, FEW).wilcoxon_p == pytest.approx(expected)


@pytest.mark.parametrize("cases", [1, 2, 4, 20, 60])
def test_equal_scores_show_no_difference(cases):
    values = np.random.default_rng(cases).random(cases).tolist()
    found = compare_paired(values, values, FEW)
    assert (found.difference.value, found.higher, found.lower) == (0.0, 0, 0)
    assert (found.wilcoxon_p, found.permutation_p) == (1.0, 1.0)


def test_rounding_alone_is_no_difference():
    assert compare_paired([0.1 + 0.2] * 5, [0.3] * 5, FEW).wilcoxon_p == 1.0


@pytest.mark.parametrize("cases", [1, 2, 3, 4, 5])
def test_few_cases_prove_nothing_however_clear_they_are(cases):
    found = compare_paired([0.9] * cases, [0.1] * cases, FEW)
    assert found.wilcoxon_p == pytest.approx(2 / 2**cases)
    assert found.permutation_p == pytest.approx(2 / 2**cases)


@pytest.mark.parametrize("cases", [13, 14, 60])
def test_a_clear_difference_in_enough_cases_is_seen(cases):
    generator = np.random.default_rng(0)
    second = generator.random(cases)
    found = compare_paired((second + 0.1 + 0.02 * generator.random(cases)).tolist(), second.tolist(), FEW)
    assert found.difference.low > 0.1
    assert found.wilcoxon_p < 0.001
    assert found.permutation_p < 0.001


def test_a_case_without_a_value_on_one_side_does_not_count():
    found = compare_paired([0.9, None, 0.5], [0.8, 0.7, None], FEW)
    assert (found.cases, found.higher) == (1, 1)
    assert compare_paired([None], [1.0]).difference is None


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="zip"):
        compare_paired([0.1], [0.1, 0.2])
