"""Measures of classification are those of counts by hand and of scikit-learn, and probabilities are calibrated."""

from __future__ import annotations

import numpy as np
import pytest

from med3dtrain.evaluation.classification.calibration import (
    calibrated,
    calibration_error,
    fit_temperature,
    reliability_curve,
)
from med3dtrain.evaluation.classification.measures import accuracy, auc, aucs, checked, classification_scores, macro_f1
from med3dtrain.evaluation.intervals import BootstrapSettings


def some_cases(classes=3, cases=60, seed=0):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, classes, cases)
    logits = generator.normal(size=(cases, classes)).round(1)  # rounded, so that there are ties
    logits[np.arange(cases), truth] += 1
    return logits, truth


def test_the_auc_is_the_share_of_pairs_in_the_right_order():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.6, 0.4], [0.2, 0.8]])
    truth = np.array([0, 0, 1, 1])
    # Pairs of a case of class 1 and one of class 0: .4 > .1, .4 = .4, .8 > .1, .8 > .4.
    assert auc(probabilities, truth) == pytest.approx(3.5 / 4)


def test_the_macro_auc_is_the_mean_of_each_class_against_the_rest():
    logits, truth = some_cases()
    probabilities = calibrated(logits, 1.0)
    for number, found in enumerate(aucs(probabilities, truth)):
        pairs = np.sign(probabilities[truth == number, number][:, None] - probabilities[truth != number, number])
        assert found == pytest.approx((pairs.mean() + 1) / 2)
    assert auc(probabilities, truth) == pytest.approx(aucs(probabilities, truth).mean())


def test_auc_accuracy_and_f1_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    logits, truth = some_cases(4, 80, seed=2)
    probabilities = calibrated(logits, 1.0)
    assert auc(probabilities, truth) == pytest.approx(metrics.roc_auc_score(truth, probabilities, multi_class="ovr"))
    taken = probabilities.argmax(axis=1)
    assert accuracy(probabilities, truth) == pytest.approx(metrics.accuracy_score(truth, taken))
    assert macro_f1(probabilities, truth) == pytest.approx(metrics.f1_score(truth, taken, average="macro"))


def test_a_class_without_cases_has_no_auc_and_leaves_the_mean():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1]])
    found = classification_scores(probabilities, [0, 1, 0], BootstrapSettings(resamples=20))
    assert [each and each.value for each in found.auc_by_class] == [1.0, 1.0, None]
    assert found.auc.value == 1.0
    assert found.f1.value == 1.0
    assert found.confusion == ((2, 0, 0), (0, 1, 0), (0, 0, 0))
    assert np.isnan(classification_scores([[0.6, 0.4]], [0]).auc.value)


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy():
    # Eight cases at .9, six of them right (gap .15), and two at .6, both right (gap .4).
    probabilities = np.array([[0.9, 0.1]] * 8 + [[0.4, 0.6]] * 2)
    truth = np.array([0] * 6 + [1] * 2 + [1] * 2)
    assert calibration_error(probabilities, truth) == pytest.approx(0.8 * 0.15 + 0.2 * 0.4)
    filled = [each for each in reliability_curve(probabilities, truth) if each.cases]
    assert [(each.cases, each.accuracy) for each in filled] == [(2, 1.0), (8, 0.75)]
    assert [each.confidence for each in filled] == pytest.approx([0.6, 0.9])
    assert [(each.low, each.high) for each in filled] == [(8 / 15, 9 / 15), (13 / 15, 14 / 15)]
    assert len(reliability_curve(probabilities, truth)) == 15


def test_certainty_belongs_to_the_last_bin():
    *others, last = reliability_curve(np.array([[1.0, 0.0]]), np.array([0]))
    assert (last.cases, sum(each.cases for each in others)) == (1, 0)


def test_a_temperature_undoes_the_scaling_of_logits_that_were_right():
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (4000, 3))
    truth = (calibrated(logits, 1.0).cumsum(axis=1) < generator.random((4000, 1))).sum(axis=1)
    assert fit_temperature(logits * 4, truth) == pytest.approx(4.0, rel=0.08)
    assert fit_temperature(logits / 4, truth) == pytest.approx(0.25, rel=0.08)
    temperature = fit_temperature(logits * 4, truth)
    before, after = (calibration_error(calibrated(logits * 4, t), truth) for t in (1.0, temperature))
    assert after < 0.03 < before


def test_no_other_temperature_on_a_fine_grid_is_likelier():
    logits, truth = some_cases(seed=5)

    def loss(temperature):
        return -np.log(calibrated(logits, temperature)[np.arange(len(truth)), truth]).mean()

    assert loss(fit_temperature(logits, truth)) <= min(map(loss, np.geomspace(0.05, 20, 400))) + 1e-7


def test_cases_that_are_all_right_do_not_make_probabilities_certain():
    temperature = fit_temperature([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    assert temperature == pytest.approx(0.05, rel=0.01)
    assert fit_temperature([[1.0, 0.0], [0.0, 1.0]], [1, 0]) == pytest.approx(20.0, rel=0.01)


@pytest.mark.parametrize(
    ("probabilities", "classes", "said"),
    [
        ([[0.5, 0.6]], [0], "sum 1"),
        ([[0.5, np.nan]], [0], "sum 1"),
        ([[0.5, 0.5]], [2], "from 0 to 1"),
        ([[0.5, 0.5]], [0.5], "whole numbers"),
        ([[0.5, 0.5]], [0, 1], r"\(1, 2\) and classes \(2,\)"),
        (np.zeros((0, 2)), np.zeros(0, int), "N > 0"),
    ],
)
def test_what_is_no_probability_or_no_class_is_refused(probabilities, classes, said):
    with pytest.raises(ValueError, match=said):
        checked(probabilities, classes)


def test_logits_that_do_not_fit_and_impossible_temperatures_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        fit_temperature([[np.inf, 0.0]], [0])
    with pytest.raises(ValueError, match="from 0 to 1"):
        fit_temperature([[1.0, 0.0]], [2])
    with pytest.raises(ValueError, match="not positive"):
        calibrated([[1.0, 0.0]], 0.0)
