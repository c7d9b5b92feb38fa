"""Low-rank updates of an encoder's matrices (LoRA, Hu et al. 2021, arXiv 2106.09685)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class LowRankUpdate(nn.Module):
    """weight + B A, where A (rank, inputs) and B (outputs, rank) are learnt.

    B begins as 0, so nothing changes at first. A kernel (out, in, ...) is taken as a matrix (out, in * ...).
    """

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        outputs, inputs = weight.shape[0], weight[0].numel()
        self.a = nn.Parameter(torch.empty(rank, inputs))
        self.b = nn.Parameter(torch.zeros(outputs, rank))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, weight: Tensor) -> Tensor:
        """The updated weight, of the same shape."""
        return weight + (self.b @ self.a).view_as(weight)


def add_low_rank_updates(module: nn.Module, rank: int) -> None:
    """Freeze a module but for low-rank updates of its matrices and kernels.

    Those that have no more than `rank` rows or columns stay frozen.
    """
    module.requires_grad_(False)
    for layer in list(module.modules()):
        if isinstance(layer, nn.Linear | nn.Conv3d) and min(layer.weight.shape[0], layer.weight[0].numel()) > rank:
            parametrize.register_parametrization(layer, "weight", LowRankUpdate(layer.weight, rank))


def merge_low_rank_updates(module: nn.Module) -> None:
    """Make the updated weights those of the layers, which are then as they were before."""
    for layer in list(module.modules()):
        if parametrize.is_parametrized(layer, "weight"):
            parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
