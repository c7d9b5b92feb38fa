"""The questions that PSAT asks a volume."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LearnableQueries(nn.Module):
    """Learned vectors, drawn from N(0, 1), to which plane and slice are added.

    They are the same for every volume and every slice until that addition.

        queries = LearnableQueries(count=300, width=768)
        queries(condition).shape        # (B, S, 300, 768) for a condition of (B, S, 768)
    """

    def __init__(self, count: int, width: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(count, width))

    @property
    def count(self) -> int:
        """How many queries there are."""
        return len(self.vectors)

    def forward(self, condition: Tensor) -> Tensor:
        """The queries of every slice, (B, S, Q, W), for what plane and slice add, (B, S, W)."""
        return self.vectors + condition.unsqueeze(-2)
