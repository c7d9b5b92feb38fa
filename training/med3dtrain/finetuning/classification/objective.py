"""What a classification network is trained for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from Med3DInsightLib.networks.classification import ClassificationNetwork

from ...loops.together import share_of_process

_SMOOTHING = 0.05


def class_weights(counts: Sequence[int]) -> Tensor:
    """How much a case of each class counts (C), on average 1: the square root of how much rarer the class is."""
    rarity = torch.tensor([1.0 / max(1, count) for count in counts]).sqrt()
    return rarity / rarity.mean()


class ClassificationObjective(nn.Module):
    """Cross-entropy with smoothed labels; rare classes count more, by the square root of how much rarer they are.

    objective = ClassificationObjective(network, counts=[929, 259])
    loss = objective(images, classes)           # (B, 1, K, J, I) and (B,)

    Averaged over processes that train together, it is the loss of their whole batch.
    """

    weights: Tensor

    def __init__(self, network: ClassificationNetwork, counts: Sequence[int]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("weights", class_weights(counts), persistent=False)

    def forward(self, images: Tensor, classes: Tensor) -> Tensor:
        """The loss, a scalar."""
        scores = self.network(images).float()
        loss = functional.cross_entropy(scores, classes, weight=self.weights, label_smoothing=_SMOOTHING)
        return loss * share_of_process(self.weights[classes].sum())
