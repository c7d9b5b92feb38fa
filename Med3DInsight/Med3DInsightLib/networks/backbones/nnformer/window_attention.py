"""Self-attention within windows of a volume."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .relative_position import RelativePositionBias
from .windows import Size, WindowCut


class WindowAttention(nn.Module):
    """Volume-based multi-head self-attention: local, shifted local, or global.

    LV-MSA, SLV-MSA and GV-MSA of nnFormer (arXiv 2109.03201) are the same operation: a window that
    covers the features makes it global.

        attention = WindowAttention(width=96, heads=3, window_kji=(4, 4, 4), shifted=True)
        attention(x).shape      # that of x, (B, K, J, I, 96), of any size
    """

    def __init__(self, width: int, heads: int, window_kji: Size, shifted: bool) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{width} channels cannot be shared among {heads} heads")
        self.heads = heads
        self.window_kji = window_kji
        self.shifted = shifted
        self.to_query_key_value = nn.Linear(width, 3 * width)
        self.to_output = nn.Linear(width, width)
        self.bias = RelativePositionBias(heads, window_kji)

    def forward(self, x: Tensor) -> Tensor:
        """What every voxel of x (B, K, J, I, C) finds in its window, in the shape of x."""
        cut = WindowCut.of((x.shape[1], x.shape[2], x.shape[3]), self.window_kji, self.shifted)
        projected = cut.apply(self.to_query_key_value(x))
        query, key, value = projected.flatten(0, 1).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        bias = self._bias(cut, len(x)).to(query.dtype)
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        windows = found.transpose(1, 2).flatten(2).unflatten(0, (len(x), -1))
        return cut.undo(self.to_output(windows))

    def _bias(self, cut: WindowCut, volumes: int) -> Tensor:
        """What is added to the scores: (1 or volumes * windows, heads, n, n)."""
        bias: Tensor = self.bias(cut.window_kji).unsqueeze(0)
        allowed = cut.allowed(bias.device)
        if allowed is None:
            return bias
        masked = torch.where(allowed.unsqueeze(1), bias, -torch.inf)
        return masked.repeat(volumes, 1, 1, 1)
