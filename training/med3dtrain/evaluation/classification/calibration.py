"""Whether probabilities mean what they say, and how to make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

_BINS = 15
_TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True)
class ReliabilityBin:
    """The cases whose confidence is above low and at most high; confidence and accuracy are None if there are none."""

    low: float
    high: float
    cases: int
    confidence: float | None
    accuracy: float | None


def reliability_curve(
    probabilities: NDArray[np.float64], classes: NDArray[np.int64], bins: int = _BINS
) -> tuple[ReliabilityBin, ...]:
    """Confidence beside accuracy in bins of equal width (Guo et al. 2017, section 2); (N, C) and (N,).

    The confidence of a case is the probability of its most probable class.
    """
    cases, confidence, right = _binned(probabilities, classes, bins)
    return tuple(
        ReliabilityBin(index / bins, (index + 1) / bins, int(count), *_means(count, confidence[index], right[index]))
        for index, count in enumerate(cases)
    )


def calibration_error(probabilities: NDArray[np.float64], classes: NDArray[np.int64], bins: int = _BINS) -> float:
    """Expected calibration error: |accuracy - confidence|, averaged over cases (Guo et al. 2017, equation 3)."""
    _, confidence, right = _binned(probabilities, classes, bins)
    return float(np.abs(right - confidence).sum() / len(classes))


def _binned(
    probabilities: NDArray[np.float64], classes: NDArray[np.int64], bins: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each bin the number of cases, the sum of their confidences, and how many of them are right."""
    confidence = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == classes).astype(np.float64)
    number = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)

    def sums(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(number, weights, bins).astype(np.float64)

    return sums(np.ones_like(right)), sums(confidence), sums(right)


def _means(cases: float, confidence: float, right: float) -> tuple[float | None, float | None]:
    return (float(confidence / cases), float(right / cases)) if cases else (None, None)


def fit_temperature(logits: ArrayLike, classes: ArrayLike) -> float:
    """The temperature that makes validation logits (N, C) most likely for classes (N,) (Guo et al. 2017, section 4.2).

    It is between 0.05 and 20: where every case is right, the likelihood would ask for 0, which says more
    than a validation set can know. The likelihood has one maximum in 1 / temperature, so a search in one
    dimension finds it. It must be fitted on other cases than those that are tested.

    Raises ValueError for arrays that do not fit together.
    """
    rows, truth = np.asarray(logits, dtype=np.float64), np.asarray(classes)
    if rows.ndim != 2 or truth.shape != rows.shape[:1] or not truth.size or not np.isfinite(rows).all():
        raise ValueError(f"logits {rows.shape} and classes {truth.shape} are not finite (N, C) and (N,), N >= 1")
    if not np.issubdtype(truth.dtype, np.integer) or truth.min() < 0 or truth.max() >= rows.shape[1]:
        raise ValueError(f"the classes are not whole numbers from 0 to {rows.shape[1] - 1}")
    cases = np.arange(truth.size)

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(rows / np.exp(log_temperature), axis=1)[cases, truth].mean())

    bounds = (float(np.log(_TEMPERATURES[0])), float(np.log(_TEMPERATURES[1])))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-5})
    return float(np.exp(best.x))


def calibrated(logits: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """Probabilities (N, C) of logits (N, C) at a temperature; raises ValueError unless it is positive."""
    if not temperature > 0:
        raise ValueError(f"the temperature is {temperature}, not positive")
    probabilities: NDArray[np.float64] = softmax(np.asarray(logits, dtype=np.float64) / temperature, axis=1)
    return probabilities
