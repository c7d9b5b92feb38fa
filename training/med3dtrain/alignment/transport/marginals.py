"""What the rows and columns of a plan have to sum to, and the exact half step that makes them do so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Marginals(Protocol):
    """How one side of a plan (its rows or its columns) is brought to its marginal."""

    @property
    def bounded(self) -> bool:
        """Whether the marginal is an upper bound and the total mass is prescribed."""

    def project(self, log_sums: Tensor, log_marginal: Tensor) -> tuple[Tensor, Tensor]:
        """Potential of one side and the log factor of the whole plan, given the other side's potential.

        log_sums (..., N) are the log sums of exp(log kernel + other potential) along the other axis.
        Returns (..., N) and (..., 1); both are added to the log plan.
        """


class EqualMarginals:
    """Every row and column sums to its marginal: Sinkhorn's half step (Cuturi 2013)."""

    bounded = False

    def project(self, log_sums: Tensor, log_marginal: Tensor) -> tuple[Tensor, Tensor]:
        """See Marginals.project."""
        return log_marginal - log_sums, torch.zeros_like(log_sums[..., :1])


@dataclass(frozen=True)
class BoundedMarginals:
    """Sums are at most the marginal, and the whole plan has the mass: one exact projection.

    Benamou et al. (2015) project onto {sums <= marginal} and {total = mass} in turn. Both
    together have a closed form too: a side with unscaled sums r becomes min(marginal, t r), and
    the factor t at which the total is right follows from sorting the sides by the factor at which each
    one is full. The fixed points are the same, and the two slow alternations become one step.
    """

    mass: Tensor
    """(...), positive and at most the sum of either marginal."""

    @property
    def bounded(self) -> bool:
        """See Marginals.bounded."""
        return True

    def project(self, log_sums: Tensor, log_marginal: Tensor) -> tuple[Tensor, Tensor]:
        """See Marginals.project."""
        full_at, order = (log_marginal - log_sums).sort(-1)
        marginal = log_marginal.exp().gather(-1, order)
        # Element k: the first k sides are full, the others share what is left of the mass.
        left = self.mass[..., None] - (marginal.cumsum(-1) - marginal)
        open_sums = log_sums.gather(-1, order).flip(-1).logcumsumexp(-1).flip(-1)
        log_factor = left.clamp_min(torch.finfo(left.dtype).tiny).log() - open_sums
        fits = log_factor <= full_at
        # The last side is open if rounding says that none is.
        first = torch.where(fits.any(-1), fits.to(torch.uint8).argmax(-1), fits.shape[-1] - 1)[..., None]
        log_factor = log_factor.gather(-1, first)
        return (log_marginal - log_factor - log_sums).clamp_max(0.0), log_factor
