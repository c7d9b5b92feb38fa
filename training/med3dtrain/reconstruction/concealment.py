"""Taking hidden voxels out of a volume."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .settings import Filling


class Concealment(nn.Module):
    """Replaces hidden voxels before the backbone sees them, so that no skip connection can carry them.

    conceal = Concealment(Filling.LEARNED, channels=1)
    seen = conceal(volumes, hidden)
    """

    def __init__(self, filling: Filling, channels: int) -> None:
        super().__init__()
        self.learned = nn.Parameter(torch.zeros(channels)) if filling == Filling.LEARNED else None

    def forward(self, volumes: Tensor, hidden: Tensor) -> Tensor:
        """Volumes (B, C, K, J, I) with other values where hidden (B, 1, K, J, I) is true.

        Nothing of a hidden voxel is left, not even in the mean.
        """
        if self.learned is not None:
            value = self.learned.to(volumes.dtype)[None, :, None, None, None]
        else:
            space = (2, 3, 4)
            seen = torch.where(hidden, 0.0, volumes).sum(space, keepdim=True, dtype=torch.float32)
            value = (seen / (~hidden).sum(space, keepdim=True)).to(volumes.dtype)
        return torch.where(hidden, value, volumes)
