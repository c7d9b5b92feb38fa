"""The best network of a run so far."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


class BestNetwork(nn.Module):
    """The best weights that were offered, how good they are, and how many offers since were no better.

    Its state belongs into the checkpoint. After `patience` offers that were no better it is final; 0 for never.
    """

    score: Tensor
    misses: Tensor

    def __init__(self, network: nn.Module, patience: int) -> None:
        super().__init__()
        self.weights = AveragedModel(network).module
        self._patience = patience
        self.register_buffer("score", torch.tensor(-math.inf, dtype=torch.float64))
        self.register_buffer("misses", torch.zeros((), dtype=torch.int64))

    @property
    def is_final(self) -> bool:
        """Whether patience has ended."""
        return 0 < self._patience <= int(self.misses)

    def offer(self, network: nn.Module, score: float) -> None:
        """Take the weights of network over if score is the highest so far."""
        if score > float(self.score):
            self.weights.load_state_dict(network.state_dict())
            self.score.fill_(score)
            self.misses.zero_()
        else:
            self.misses += 1
