"""Loss modes that compare whole transport plans."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .contrastive import equally_weighted
from .loss_mode import PairLosses, Pairs
from .metrics import Metric
from .transport import Stopping, balanced_plan, partial_plan

_LEAST_SCALE = 1e-6


class TransportCost(nn.Module):
    """Distances of all pairs, divided by the largest of the batch, one metric per term.

    The published form lets the gradient run through the maximum, that is through one outlier
    (attached=True); by default the scale is a constant of the step.
    """

    def __init__(self, metrics: Sequence[Metric], attached: bool = False) -> None:
        super().__init__()
        self.metrics = nn.ModuleList(metrics)
        self.attached = attached

    def forward(self, terms: Sequence[Pairs]) -> Tensor:
        """(T, N, N) in [0, 1]."""
        costs = []
        for metric, pairs in zip(self.metrics, terms, strict=True):
            distances = metric(pairs.read_outs, pairs.teacher)
            scale = distances.amax().clamp_min(_LEAST_SCALE)
            costs.append(distances / (scale if self.attached else scale.detach()))
        return torch.stack(costs)


class BalancedTransport(nn.Module):
    """-log(N P_ii) of the balanced plan: contrastive learning as inverse optimal transport (Shi et al. 2023).

    The plan does not change if all read-outs move away from all embeddings alike, so once the pairs are told
    apart nothing closes the gap between the two. pull times the cosine distance of each pair does.
    """

    def __init__(self, cost: TransportCost, reg: float, stopping: Stopping, pull: float) -> None:
        super().__init__()
        self.cost = cost
        self.reg = reg
        self.stopping = stopping
        self.pull = pull

    def forward(self, terms: Sequence[Pairs], present: int, mass: Tensor) -> PairLosses:
        """See LossMode; mass is not used, the plan moves everything."""
        return equally_weighted(self.losses(self.cost(terms), terms)[:, :present])

    def losses(self, cost: Tensor, terms: Sequence[Pairs]) -> Tensor:
        """Losses (T, N) of the pairs, given what self.cost says of them."""
        log_plan = balanced_plan(cost, self.reg, stopping=self.stopping).log
        cosines = torch.stack([(pairs.read_outs * pairs.teacher).sum(-1) for pairs in terms])
        return diagonal_losses(log_plan) + self.pull * (1.0 - cosines)


class PartialTransport(nn.Module):
    """-log(N pi_ii) of the partial plan: the loss of the paper (arXiv 2509.09064).

    The target is the diagonal for every pair, so a wrong caption, whose pi_ii is tiny, has the largest
    loss and gradient: the partial plan alone does not make it tolerant.
    """

    def __init__(self, cost: TransportCost, reg: float, stopping: Stopping) -> None:
        super().__init__()
        self.cost = cost
        self.reg = reg
        self.stopping = stopping

    def forward(self, terms: Sequence[Pairs], present: int, mass: Tensor) -> PairLosses:
        """See LossMode."""
        log_plan = partial_plan(self.cost(terms), self.reg, mass, stopping=self.stopping).log
        return equally_weighted(diagonal_losses(log_plan)[:, :present])


class WeightedTransport(nn.Module):
    """The balanced loss, each pair weighted by what a partial plan pi of the same cost moves between its two.

    loss = -sum_i w_i log(N P_ii), w_i proportional to stop_gradient(N pi_ii), summing to 1. A pair that
    the partial plan leaves out hardly counts, however large its loss is.
    """

    def __init__(self, balanced: BalancedTransport, weight_stopping: Stopping) -> None:
        super().__init__()
        self.balanced = balanced
        self.weight_stopping = weight_stopping

    def forward(self, terms: Sequence[Pairs], present: int, mass: Tensor) -> PairLosses:
        """See LossMode."""
        cost = self.balanced.cost(terms)
        losses = self.balanced.losses(cost, terms)[:, :present]
        with torch.no_grad():
            plan = partial_plan(cost, self.balanced.reg, mass, stopping=self.weight_stopping)
            moved = plan.log.diagonal(dim1=-2, dim2=-1)[:, :present]
        # The softmax of logarithms is the share of the sum, and cannot be 0 / 0.
        return PairLosses(losses, moved.softmax(-1))


def diagonal_losses(log_plan: Tensor) -> Tensor:
    """-log(N P_ii) of plans (T, N, N) with uniform marginals 1/N: (T, N), 0 where a pair is matched wholly."""
    size = log_plan.shape[-1]
    return -log_plan.diagonal(dim1=-2, dim2=-1) - math.log(size)
