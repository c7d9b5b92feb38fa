"""How much a volume is like those that were learnt from."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_QUANTILES = 101
_SHRINKAGE = 0.1


class Familiarity(nn.Module):
    """Distances of embeddings from those of training, and how usual each distance is.

        familiarity = Familiarity(width=256)
        familiarity.learn(training, unseen)             # (N, 256), (M, 256)
        familiarity.unlikeness(embeddings)              # (B,), from 0 to 1

    The distance is Mahalanobis's (Lee et al. 2018, arXiv 1807.03888) with one mean and covariance for all classes, the
    covariance shrunk by a tenth towards its mean variance, so that it can be inverted with few cases.
    The unlikeness is the share of unseen cases of the same source that are nearer: .5 is ordinary, 1 is
    farther than all of them. Before anything was learnt it is NaN: unknown.
    """

    mean: Tensor
    whitening: Tensor
    distances: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("whitening", torch.eye(width))
        self.register_buffer("distances", torch.full((_QUANTILES,), torch.nan))

    @torch.no_grad()
    def learn(self, training: Tensor, unseen: Tensor) -> None:
        """Take in the embeddings of training cases (N, W), N >= 2, and of cases that were not learnt from (M, W)."""
        samples = training.double()
        mean = samples.mean(0)
        covariance = torch.cov(samples.T)
        variance = covariance.diagonal().mean().clamp_min(1e-12)
        identity = torch.eye(len(covariance), dtype=torch.float64, device=covariance.device)
        shrunk = (1 - _SHRINKAGE) * covariance + _SHRINKAGE * variance * identity
        # The inverse of the Cholesky factor turns a difference into one whose length is the distance.
        self.mean.copy_(mean)
        self.whitening.copy_(torch.linalg.inv(torch.linalg.cholesky(shrunk)))
        places = torch.linspace(0, 1, _QUANTILES, dtype=torch.float64, device=samples.device)
        self.distances.copy_(self.distance(unseen).double().quantile(places))

    def distance(self, embeddings: Tensor) -> Tensor:
        """Distances (B,) of embeddings (B, W) from the mean of training, in standard deviations."""
        distances: Tensor = torch.linalg.vector_norm((embeddings - self.mean) @ self.whitening.T, dim=-1)
        return distances

    def unlikeness(self, embeddings: Tensor) -> Tensor:
        """Shares (B,) of unseen cases that are nearer than embeddings (B, W)."""
        shares = torch.searchsorted(self.distances, self.distance(embeddings)) / (_QUANTILES - 1)
        return torch.where(self.distances.isnan().any(), torch.nan, shares.clamp(0, 1))
