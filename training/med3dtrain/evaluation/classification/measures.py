"""How well class probabilities agree with the true classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from ..intervals import BootstrapSettings, Interval, bootstrap_interval
from .calibration import calibration_error

Probabilities = NDArray[np.float64]
Classes = NDArray[np.int64]
_SUM = 1e-3


@dataclass(frozen=True)
class ClassificationScores:
    """The measures of a test set, each with its bootstrap interval over cases; auc is nan if no class has one.

    auc_by_class is one class against the rest, None for a class of which there are no cases, or only such.
    confusion[t][p] counts the cases of class t that were taken for class p.
    """

    cases: int
    auc: Interval
    accuracy: Interval
    f1: Interval
    calibration_error: Interval
    auc_by_class: tuple[Interval | None, ...]
    confusion: tuple[tuple[int, ...], ...]

    @property
    def named(self) -> dict[str, Interval]:
        """The measures of all classes together, by name."""
        return {
            "accuracy": self.accuracy,
            "AUC": self.auc,
            "F1": self.f1,
            "calibration error": self.calibration_error,
        }


def classification_scores(
    probabilities: ArrayLike, classes: ArrayLike, settings: BootstrapSettings | None = None
) -> ClassificationScores:
    """The scores of probabilities (N, C), whose rows add up to 1, for true classes (N,) from 0 to C - 1.

    Raises ValueError if they do not fit together.
    """
    rows, truth = checked(probabilities, classes)

    def interval(measure: Callable[[Probabilities, Classes], float]) -> Interval:
        return bootstrap_interval(len(truth), lambda chosen: measure(rows[chosen], truth[chosen]), settings)

    of_class = [interval(partial(auc_of_class, number=number)) for number in range(rows.shape[1])]
    by_class = tuple(None if np.isnan(each.value) else each for each in of_class)
    counts = tuple(tuple(int(cell) for cell in line) for line in confusion(rows, truth))
    return ClassificationScores(
        len(truth), interval(auc), interval(accuracy), interval(macro_f1), interval(calibration_error), by_class, counts
    )


def auc(probabilities: Probabilities, classes: Classes) -> float:
    """The area under the ROC curve: of class 1 for two classes, else the mean of each class against the rest.

    Classes that have none (see auc_by_class) leave the mean; nan if no class has one.
    """
    each = aucs(probabilities, classes)
    if each.size == 2:
        return float(each[1])
    defined = each[~np.isnan(each)]
    return float(defined.mean()) if defined.size else float("nan")


def aucs(probabilities: Probabilities, classes: Classes) -> NDArray[np.float64]:
    """auc_of_class() of each class, (C,)."""
    return np.array([auc_of_class(probabilities, classes, number) for number in range(probabilities.shape[1])])


def auc_of_class(probabilities: Probabilities, classes: Classes, number: int) -> float:
    """The chance that a case of a class has a higher probability of it than a case of another class (ties: half).

    This is the area under the ROC curve (Hanley and McNeil 1982); nan where one of the two groups is empty.
    """
    of_class = classes == number
    positive = int(of_class.sum())
    pairs = positive * (len(classes) - positive)
    if not pairs:
        return float("nan")
    ranks = rankdata(probabilities[:, number])[of_class].sum()
    return float((ranks - positive * (positive + 1) / 2) / pairs)


def accuracy(probabilities: Probabilities, classes: Classes) -> float:
    """The share of cases whose most probable class is the true one; of equal ones the first counts."""
    return float((probabilities.argmax(axis=1) == classes).mean())


def macro_f1(probabilities: Probabilities, classes: Classes) -> float:
    """The mean over classes of 2 TP / (2 TP + FP + FN); classes that nobody has and nobody is taken for leave it."""
    counts = confusion(probabilities, classes)
    right, involved = np.diag(counts), counts.sum(axis=0) + counts.sum(axis=1)
    return float((2 * right[involved > 0] / involved[involved > 0]).mean())


def confusion(probabilities: Probabilities, classes: Classes) -> NDArray[np.int64]:
    """(C, C): how many cases of each true class (row) were taken for each class (column)."""
    count = probabilities.shape[1]
    cells = np.bincount(classes * count + probabilities.argmax(axis=1), minlength=count * count)
    return cells.reshape(count, count)


def checked(probabilities: ArrayLike, classes: ArrayLike) -> tuple[Probabilities, Classes]:
    """Both as arrays, (N, C) and (N,); raises ValueError for what are no probabilities or no classes of theirs."""
    rows, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(classes)
    if rows.ndim != 2 or rows.shape[1] < 2 or truth.shape != rows.shape[:1] or not truth.size:
        raise ValueError(f"probabilities {rows.shape} and classes {truth.shape} are not (N, C > 1) and (N > 0,)")
    if not np.issubdtype(truth.dtype, np.integer) or truth.min() < 0 or truth.max() >= rows.shape[1]:
        raise ValueError(f"the classes are not whole numbers from 0 to {rows.shape[1] - 1}")
    if not np.isfinite(rows).all() or rows.min() < 0 or np.abs(rows.sum(axis=1) - 1).max() > _SUM:
        raise ValueError("the probabilities of a case are not between 0 and 1 with the sum 1")
    return rows, truth.astype(np.int64)
