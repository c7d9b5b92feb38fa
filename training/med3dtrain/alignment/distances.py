"""Euclidean distances of all pairs, with a gradient where points coincide."""

from __future__ import annotations

from torch import Tensor

_SMOOTHING = 1e-7


def euclidean_distances(x: Tensor, y: Tensor) -> Tensor:
    """Distances (..., R, C) of points x (..., R, D) and y (..., C, D), never forming (R, C, D).

    |x|^2 + |y|^2 - 2 x.y loses half of the digits where points are close, so it is computed in float64 and
    the result has the type of x. The root is sqrt(s + e^2) - e with e = 1e-7: off by less than e, and its gradient
    at s = 0, where that of sqrt is infinite, is 0.
    """
    dtype = x.dtype
    x, y = x.double(), y.double()
    squared = x.square().sum(-1)[..., :, None] + y.square().sum(-1)[..., None, :] - 2.0 * (x @ y.mT)
    distances = (squared.clamp_min(0.0) + _SMOOTHING**2).sqrt() - _SMOOTHING
    return distances.to(dtype)
