"""Distances between read-outs and teacher embeddings, with a metric that is learnt or not."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from .distances import euclidean_distances


class Metric(nn.Module):
    """A Mahalanobis distance d(x, y)^2 = (x - y)^T M (x - y) whose M is a product, M = L L^T.

        metric = build_metric("full", 512)
        distances = metric(read_outs, teacher_embeddings)       # (R, 512), (C, 512) -> (R, C)

    Because d(x, y) = |x L - y L|, M is positive semi-definite whatever L becomes, no root of a negative
    number can arise, and the distance costs two products of matrices. The published code uses the diagonal
    of an M that starts with negative eigenvalues. This class alone is the Euclidean distance, M = 1, and so
    are the others before they have learnt anything.
    """

    def project(self, x: Tensor) -> Tensor:
        """The points x (..., N, D) as x L (..., N, K)."""
        return x

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Distances (..., R, C) of x (..., R, D) and y (..., C, D); at least float32, under autocast too."""
        with torch.autocast(x.device.type, enabled=False):
            x, y = (points if points.dtype == torch.float64 else points.float() for points in (x, y))
            return euclidean_distances(self.project(x), self.project(y))


class DiagonalMetric(Metric):
    """M = diag(scale)^2: every direction of the embedding has its own weight."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def project(self, x: Tensor) -> Tensor:
        """See Metric.project."""
        return x * self.scale.to(x.dtype)


class LowRankMetric(Metric):
    """M = diag(scale)^2 + U U^T with U (D, rank): most of what a full M can, at a fraction of its size."""

    def __init__(self, width: int, rank: int = 16) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        # U = 0 would be a saddle that gradients never leave; this moves no distance by more than 1e-7.
        self.directions = nn.Parameter(1e-4 * torch.randn(width, rank) / width**0.5)

    def project(self, x: Tensor) -> Tensor:
        """See Metric.project."""
        return torch.cat([x * self.scale.to(x.dtype), x @ self.directions.to(x.dtype)], -1)


class FullMetric(Metric):
    """M = L L^T with any L (D, D), the identity at the start."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.eye(width))

    def project(self, x: Tensor) -> Tensor:
        """See Metric.project."""
        return x @ self.factor.to(x.dtype)


class IdentityMetric(Metric):
    """M = 1: the Euclidean distance."""

    def __init__(self, width: int) -> None:
        super().__init__()


METRICS: Mapping[str, type[DiagonalMetric | LowRankMetric | FullMetric | IdentityMetric]] = {
    "diagonal": DiagonalMetric,
    "full": FullMetric,
    "identity": IdentityMetric,
    "low_rank": LowRankMetric,
}


def build_metric(name: str, width: int) -> Metric:
    """The metric called name for embeddings of this width; raises ValueError for an unknown name."""
    if name not in METRICS:
        raise ValueError(f"there is no metric '{name}'; choose from {', '.join(sorted(METRICS))}")
    return METRICS[name](width)
