"""Draws as a batch of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from Med3DInsightLib.networks.psat.psat import Places
from Med3DInsightLib.volumes import Grid

from .draws import Draw


@dataclass(frozen=True)
class Batch:
    """B crops with S slices each, this process's part of a step.

    images is (B, 1, K, J, I), seen on grids (B); places are B x S, and slices and texts (B * S) tell which of
    all slices and which of its descriptions they are. names (B) are the volumes', numbers (B) those of the draws.
    """

    images: Tensor
    grids: tuple[Grid, ...]
    places: Places
    slices: Tensor
    texts: Tensor
    names: tuple[str, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, draws: Sequence[Draw]) -> Batch:
        """The draws, in their order."""
        return cls(
            torch.stack([draw.image for draw in draws]),
            tuple(draw.grid for draw in draws),
            tuple(draw.places for draw in draws),
            torch.tensor([number for draw in draws for number in draw.slices]),
            torch.tensor([number for draw in draws for number in draw.texts]),
            tuple(draw.name for draw in draws),
            tuple(draw.number for draw in draws),
        )

    def to(self, device: torch.device) -> Batch:
        """The batch with its tensors on a device."""
        return replace(
            self,
            images=self.images.to(device, non_blocking=True),
            slices=self.slices.to(device),
            texts=self.texts.to(device),
        )
