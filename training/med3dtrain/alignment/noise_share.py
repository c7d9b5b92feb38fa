"""How many captions are wrong, read from the distribution of their losses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .mixture import fit_two_gaussians


@dataclass(frozen=True)
class NoiseShareSettings:
    """How the share of wrong pairs is estimated.

    window: how many recent losses are kept.
    warm_up: losses seen before the first estimate; until then the share is initial.
    refit_every: losses between two fits of the mixture.
    decay: of the moving average over fits.
    initial, least, most: the share at first, and the bounds of what is used.
    """

    window: int = 2048
    warm_up: int = 1024
    refit_every: int = 256
    decay: float = 0.7
    initial: float = 0.05
    least: float = 0.05
    most: float = 0.7

    def __post_init__(self) -> None:
        if min(self.window, self.warm_up) < 2 or self.refit_every < 1:
            raise ValueError("window and warm_up are at least 2 losses, refit_every is at least 1")
        if not (0 <= self.least <= self.most < 1 and 0 <= self.initial < 1 and 0 <= self.decay < 1):
            raise ValueError("least, most, initial and decay are shares below 1, and least is at most most")


class NoiseShare(nn.Module):
    """Estimates the share of wrong pairs from recent losses, so that nobody has to know it.

        noise = NoiseShare(NoiseShareSettings())
        noise.observe(losses.detach())          # every step
        mass = 1.0 - noise.share

    As long as wrong pairs are not learnt by heart their losses form a second hump above that of the right ones
    (Arazo et al. 2019; DivideMix, Li et al. 2020). The share is the size of the upper of two Gaussians. Losses
    are -log(N P_ii), 0 for a pair that keeps all of its mass, so they mean the same at every batch
    size, and an upper component whose mean is below log 2, whose pairs keep more than half, is not
    called wrong. The state is in buffers: state_dict() and load_state_dict() restore it to the bit.
    """

    losses: Tensor
    seen: Tensor
    average: Tensor

    def __init__(self, settings: NoiseShareSettings) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("losses", torch.zeros(settings.window, dtype=torch.float64))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
        self.register_buffer("average", torch.tensor(settings.initial, dtype=torch.float64))

    @property
    def share(self) -> Tensor:
        """The share to use, a scalar in float64, within the bounds of the settings."""
        return self.average.clamp(self.settings.least, self.settings.most)

    def observe(self, losses: Tensor) -> None:
        """Take in the losses (N) of one step; those that are not finite are left out."""
        settings = self.settings
        losses = losses.detach().double().ravel()
        losses = losses[losses.isfinite()][-settings.window :]
        before = int(self.seen)
        places = (torch.arange(len(losses), device=losses.device) + before) % settings.window
        self.losses[places] = losses
        self.seen += len(losses)
        after = before + len(losses)
        if after >= settings.warm_up and after // settings.refit_every > before // settings.refit_every:
            estimate = self._estimate()
            first = before < settings.warm_up
            self.average.copy_(estimate if first else settings.decay * self.average + (1 - settings.decay) * estimate)

    def _estimate(self) -> Tensor:
        recent = self.losses[: min(int(self.seen), self.settings.window)]
        # Differences below a tenth of a nat say nothing about captions.
        mixture = fit_two_gaussians(recent, least_deviation=0.1)
        return mixture.shares[1] if mixture.means[1] > math.log(2) else torch.zeros_like(self.average)
