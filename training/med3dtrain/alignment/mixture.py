"""A mixture of two Gaussians in one dimension, fitted by expectation maximisation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class TwoGaussians:
    """Shares (2), means (2) and standard deviations (2); the component with the lower mean is first."""

    shares: Tensor
    means: Tensor
    deviations: Tensor

    def upper_membership(self, values: Tensor) -> Tensor:
        """Probabilities (N) that values (N) come from the second component."""
        densities = _log_densities(values, self.shares, self.means, self.deviations)
        return torch.sigmoid(densities[1] - densities[0])


def fit_two_gaussians(values: Tensor, least_deviation: float, iterations: int = 20) -> TwoGaussians:
    """The likeliest of the mixtures that EM reaches from several divisions of the values (Dempster et al. 1977).

    values (N), at least two, taken in float64. It starts from the values above their quantiles .1, .3, .5,
    .7 and .9, and so has nothing random in it. least_deviation keeps a component from collapsing onto few
    values.
    """
    values = values.double()
    cuts = values.quantile(torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9], dtype=torch.float64, device=values.device))
    upper = (values > cuts[:, None]).double()
    for _ in range(iterations):
        shares, means, deviations = _maximise(values, upper, least_deviation)
        densities = _log_densities(values, shares, means, deviations)
        upper = torch.sigmoid(densities[:, 1] - densities[:, 0])
    best = densities.logsumexp(1).sum(-1).argmax()
    order = means[best].argsort()
    return TwoGaussians(shares[best][order], means[best][order], deviations[best][order])


def _maximise(values: Tensor, upper: Tensor, least_deviation: float) -> tuple[Tensor, Tensor, Tensor]:
    """Shares, means and deviations (S, 2) for memberships (S, N) in the second component, of S starts."""
    members = torch.stack([1.0 - upper, upper], 1)
    sizes = members.sum(-1).clamp_min(1e-6)
    means = members @ values / sizes
    variances = (members * (values - means[..., None]).square()).sum(-1) / sizes
    return sizes / sizes.sum(-1, keepdim=True), means, variances.sqrt().clamp_min(least_deviation)


def _log_densities(values: Tensor, shares: Tensor, means: Tensor, deviations: Tensor) -> Tensor:
    """Of values (N) in both components (..., 2) times their shares, up to a constant: (..., 2, N)."""
    z = (values - means[..., None]) / deviations[..., None]
    return (shares.log() - deviations.log())[..., None] - 0.5 * z.square()
