"""nnFormer behind the interface of all backbones."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from ..backbone import Backbone
from .block import TransformerBlock
from .convolutions import down_sampling, patch_embedding
from .windows import Size


class NnFormerBackbone(Backbone):
    """Convolutional patch embedding, then four stages of attention in volumes; strides 4 to 32.

    The encoder that Med3DInsight was published with: at 128x128x128 voxels the default ends in 768
    channels x 4x4x4 tokens. Blocks alternate between plain and shifted windows. The windows of the
    last two stages cover a 128-voxel crop, so attention is global there; larger inputs get windows in
    all stages. Every input axis must be a multiple of 32 voxels; windows need not fit.

    windows holds the side of the cubic window of each stage.
    """

    def __init__(
        self,
        in_channels: int = 1,
        width: int = 96,
        depths: Sequence[int] = (2, 2, 2, 2),
        heads: Sequence[int] = (3, 6, 12, 24),
        windows: Sequence[int] = (4, 4, 8, 4),
    ) -> None:
        if not len(depths) == len(heads) == len(windows):
            raise ValueError(f"depths {depths}, heads {heads} and windows {windows} need one entry a stage")
        levels = range(len(depths))
        channels = tuple(width * 2**level for level in levels)
        super().__init__(in_channels, channels, tuple(4 * 2**level for level in levels))
        self.entrances = nn.ModuleList([patch_embedding(in_channels, width)])
        self.entrances.extend(down_sampling(count) for count in channels[:-1])
        self.stages = nn.ModuleList(
            _stage(count, depth, head, (window, window, window))
            for count, depth, head, window in zip(channels, depths, heads, windows, strict=True)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(count) for count in channels)

    def forward(self, x: Tensor) -> list[Tensor]:
        """See Backbone.forward; every level is normalised over its channels."""
        features = []
        x = x.movedim(1, -1)
        for entrance, stage, norm in zip(self.entrances, self.stages, self.norms, strict=True):
            x = stage(entrance(x))
            features.append(norm(x).movedim(-1, 1))
        return features


def _stage(width: int, depth: int, heads: int, window_kji: Size) -> nn.Sequential:
    return nn.Sequential(
        *(TransformerBlock(width, heads, window_kji, shifted=number % 2 == 1) for number in range(depth))
    )
