"""A learned bias for where one voxel of a window is as seen from another."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from .windows import Size


class RelativePositionBias(nn.Module):
    """One value for each head and each offset between two voxels of a window.

    Windows smaller than window_kji, as they occur in small features, use the offsets that they have.

        bias = RelativePositionBias(heads=3, window_kji=(4, 4, 4))
        bias((4, 4, 2)).shape       # (3, 32, 32), to be added to the scores of attention
    """

    def __init__(self, heads: int, window_kji: Size) -> None:
        super().__init__()
        self.window_kji = window_kji
        self.table = nn.Parameter(torch.empty(heads, prod(2 * wide - 1 for wide in window_kji)))
        nn.init.trunc_normal_(self.table, std=0.02)

    def forward(self, size_kji: Size) -> Tensor:
        """The bias (heads, n, n) between the n voxels of a window of size_kji, I fastest."""
        device = self.table.device
        axes = [torch.arange(size, device=device) for size in size_kji]
        voxels = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 3)
        offsets = voxels.unsqueeze(1) - voxels.unsqueeze(0)
        entry = torch.zeros_like(offsets[..., 0])
        for axis, wide in enumerate(self.window_kji):
            entry = entry * (2 * wide - 1) + offsets[..., axis] + wide - 1
        return self.table[:, entry]
