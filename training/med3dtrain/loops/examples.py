"""What is learnt from with targets: examples, and batches of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Example:
    """Image (1, K, J, I) float32, its target, and the case it is of.

    The target is labels (K, J, I) int64, fractions of the classes (C, K, J, I) float32, or a class, a scalar.
    """

    image: Tensor
    target: Tensor
    name: str


@dataclass(frozen=True)
class LabelledBatch:
    """Images (B, 1, K, J, I), targets (B, ...) and the names (B) of the cases they are of."""

    images: Tensor
    targets: Tensor
    names: tuple[str, ...]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> LabelledBatch:
        """The examples, in their order."""
        return cls(
            torch.stack([example.image for example in examples]),
            torch.stack([example.target for example in examples]),
            tuple(example.name for example in examples),
        )

    def loss(self, objective: nn.Module, device: torch.device) -> Tensor:
        """objective(images, targets), computed on a device; a scalar."""
        loss: Tensor = objective(self.images.to(device), self.targets.to(device))
        return loss
