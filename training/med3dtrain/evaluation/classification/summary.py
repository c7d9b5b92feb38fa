"""What all cases together say about a model that classifies, and about two models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from ..intervals import BootstrapSettings, Interval, bootstrap_interval
from ..pairing import PairedComparison, compare_paired
from .calibration import ReliabilityBin, reliability_curve
from .measures import Classes, ClassificationScores, Probabilities, auc, classification_scores
from .result import ClassifiedCaseResult, is_right

Cases: TypeAlias = Sequence[ClassifiedCaseResult]


class ComparedMeasure(StrEnum):
    """What two models are compared in, case by case."""

    ACCURACY = "accuracy"
    LOG_LOSS = "log_loss"


@dataclass(frozen=True)
class ModelSummary:
    """The scores of a model, its reliability curve, and how many cases it calls unlike its training data.

    unfamiliar is None if the model cannot tell.
    """

    scores: ClassificationScores
    curve: tuple[ReliabilityBin, ...]
    unfamiliar: int | None


@dataclass(frozen=True)
class ModelComparison:
    """The first model less the second: by case for each ComparedMeasure, and of the AUC as a whole.

    auc_difference has no value (nan) where an AUC has none.
    """

    by_case: dict[ComparedMeasure, PairedComparison]
    auc_difference: Interval


def summary(cases: Cases, model: int, settings: BootstrapSettings | None = None) -> ModelSummary:
    """The summary of the model with that number."""
    rows, truth = arrays(cases, model)
    answers = [case.results[model] for case in cases]
    knows = any(answer.unlikeness is not None for answer in answers)
    unfamiliar = sum(answer.is_unfamiliar for answer in answers) if knows else None
    return ModelSummary(classification_scores(rows, truth, settings), reliability_curve(rows, truth), unfamiliar)


def comparison(cases: Cases, settings: BootstrapSettings | None = None) -> ModelComparison:
    """The first model beside the second; both are drawn again with the same cases for the interval of the AUC."""
    right = [[float(is_right(case, model)) for case in cases] for model in (0, 1)]
    loss = [[case.results[model].log_loss(case.case.class_number) for case in cases] for model in (0, 1)]
    (first, truth), (second, _) = arrays(cases, 0), arrays(cases, 1)
    return ModelComparison(
        {
            ComparedMeasure.ACCURACY: compare_paired(right[0], right[1], settings),
            ComparedMeasure.LOG_LOSS: compare_paired(loss[0], loss[1], settings),
        },
        bootstrap_interval(
            len(truth),
            lambda chosen: auc(first[chosen], truth[chosen]) - auc(second[chosen], truth[chosen]),
            settings,
        ),
    )


def arrays(cases: Cases, model: int) -> tuple[Probabilities, Classes]:
    """The probabilities (N, C) of the model with that number, and the true classes (N,)."""
    return (
        np.array([case.results[model].probabilities for case in cases], dtype=np.float64),
        np.array([case.case.class_number for case in cases], dtype=np.int64),
    )
