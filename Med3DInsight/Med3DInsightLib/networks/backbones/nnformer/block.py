"""One transformer block."""

from __future__ import annotations

from torch import Tensor, nn

from .window_attention import WindowAttention
from .windows import Size

_MLP_RATIO = 4


class TransformerBlock(nn.Module):
    """LayerNorm and window attention, LayerNorm and MLP, each with a residual connection.

    block = TransformerBlock(width=96, heads=3, window_kji=(4, 4, 4), shifted=False)
    block(x).shape      # that of x, (B, K, J, I, 96)
    """

    def __init__(self, width: int, heads: int, window_kji: Size, shifted: bool) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = WindowAttention(width, heads, window_kji, shifted)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, _MLP_RATIO * width), nn.GELU(), nn.Linear(_MLP_RATIO * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, K, J, I, C) after the block."""
        x = x + self.attention(self.attention_norm(x))
        refined: Tensor = x + self.mlp(self.mlp_norm(x))
        return refined
