"""Loss modes that compare cosine similarities: InfoNCE and the sigmoid loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .loss_mode import PairLosses, Pairs


class InfoNCE(nn.Module):
    """Cross-entropy of the right partner among all, averaged over both directions (CLIP, Radford et al. 2021).

    The temperature is constant: with a learnt one, noisy captions move it too, and modes are harder to compare.
    """

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, terms: Sequence[Pairs], present: int, mass: Tensor) -> PairLosses:
        """See LossMode; mass is not used."""
        logits = cosine_similarities(terms) / self.temperature
        own = logits.diagonal(dim1=-2, dim2=-1)
        losses = 0.5 * (logits.logsumexp(-1) + logits.logsumexp(-2)) - own
        return equally_weighted(losses[:, :present])


class SigmoidLoss(nn.Module):
    """Every cell of the similarity matrix is its own yes-or-no question (SigLIP, Zhai et al. 2023, eq. 1).

    The scale and the bias are learnt, from the paper's 10 and -10, one of each per term. A pair's loss
    holds its own cell and half of the others in its row and column, so that the mean is the paper's sum / N.
    """

    def __init__(self, terms: int, scale: float, bias: float) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.full((terms, 1, 1), math.log(scale)))
        self.bias = nn.Parameter(torch.full((terms, 1, 1), bias))

    def forward(self, terms: Sequence[Pairs], present: int, mass: Tensor) -> PairLosses:
        """See LossMode; mass is not used."""
        logits = self.log_scale.exp() * cosine_similarities(terms) + self.bias
        wrong = functional.softplus(logits)
        own = logits.diagonal(dim1=-2, dim2=-1)
        others = 0.5 * (wrong.sum(-1) + wrong.sum(-2)) - functional.softplus(own)
        return equally_weighted((functional.softplus(-own) + others)[:, :present])


def cosine_similarities(terms: Sequence[Pairs]) -> Tensor:
    """(T, N, N), in at least float32, under autocast too."""
    with torch.autocast(terms[0].read_outs.device.type, enabled=False):
        return torch.stack([_at_least_float(pairs.read_outs) @ _at_least_float(pairs.teacher).mT for pairs in terms])


def equally_weighted(losses: Tensor) -> PairLosses:
    """Every pair of a term counts the same."""
    return PairLosses(losses, torch.full_like(losses, 1.0 / losses.shape[-1]).detach())


def _at_least_float(x: Tensor) -> Tensor:
    return x if x.dtype == torch.float64 else x.float()
