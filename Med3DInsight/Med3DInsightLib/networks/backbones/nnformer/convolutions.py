"""The convolutions between the attention of nnFormer."""

from __future__ import annotations

from torch import Tensor, nn


class ChannelsLastConv(nn.Module):
    """A 3x3x3 convolution of features that have their channels last."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.convolution = nn.Conv3d(channels_in, channels_out, kernel_size=3, stride=stride, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, K / stride, J / stride, I / stride, channels_out) of x, (B, K, J, I, channels_in)."""
        convolved: Tensor = self.convolution(x.movedim(-1, 1))
        return convolved.movedim(1, -1)


def patch_embedding(in_channels: int, width: int) -> nn.Sequential:
    """Four small convolutions that make one feature vector of each 4x4x4 voxels.

    They replace the single large step of vision transformers, which loses detail (arXiv 2109.03201,
    embedding block): strides 2, 1, 2, 1, each but the last followed by GELU and LayerNorm.
    """
    half = width // 2
    return nn.Sequential(
        ChannelsLastConv(in_channels, half, stride=2),
        nn.GELU(),
        nn.LayerNorm(half),
        ChannelsLastConv(half, half, stride=1),
        nn.GELU(),
        nn.LayerNorm(half),
        ChannelsLastConv(half, width, stride=2),
        nn.GELU(),
        nn.LayerNorm(width),
        ChannelsLastConv(width, width, stride=1),
    )


def down_sampling(width: int) -> nn.Sequential:
    """Half the resolution and twice the channels, by a convolution instead of joining neighbours."""
    return nn.Sequential(nn.LayerNorm(width), ChannelsLastConv(width, 2 * width, stride=2))
