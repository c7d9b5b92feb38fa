"""The encoder of UNETR (Hatamizadeh et al. 2021, arXiv 2103.10504), from MONAI."""

from __future__ import annotations

from monai.networks.nets import UNETR
from torch import Tensor, nn

from .backbone import Backbone


class UNETRBackbone(Backbone):
    """A vision transformer over 16-voxel patches with convolutional branches for finer scales.

    The position embedding fixes the input size to window_kji, a multiple of 16 along every axis.
    """

    def __init__(
        self,
        in_channels: int = 1,
        window_kji: tuple[int, int, int] = (96, 96, 96),
        feature_size: int = 16,
        hidden_size: int = 768,
        mlp_size: int = 3072,
        heads: int = 12,
    ) -> None:
        size = feature_size
        window = (window_kji[0], window_kji[1], window_kji[2])
        super().__init__(in_channels, (size, 2 * size, 4 * size, 8 * size, hidden_size), (1, 2, 4, 8, 16), window)
        network = UNETR(
            in_channels=in_channels,
            out_channels=1,
            img_size=window,
            feature_size=size,
            hidden_size=hidden_size,
            mlp_dim=mlp_size,
            num_heads=heads,
        )
        self.transformer = network.vit
        for block in self.transformer.blocks:
            # MONAI builds a norm for cross-attention, which an encoder never uses and would only carry along.
            block.norm_cross_attn = nn.Identity()
        self.full_resolution = network.encoder1
        self.half_resolution = network.encoder2
        self.quarter_resolution = network.encoder3
        self.eighth_resolution = network.encoder4

    def forward(self, x: Tensor) -> list[Tensor]:
        """See Backbone.forward; layers 4, 7 and 10 of the transformer feed the finer scales."""
        last, hidden = self.transformer(x)
        tokens_kji = tuple(size // self.strides[-1] for size in x.shape[2:])

        def as_features(tokens: Tensor) -> Tensor:
            return tokens.transpose(1, 2).reshape(tokens.shape[0], -1, *tokens_kji)

        return [
            self.full_resolution(x),
            self.half_resolution(as_features(hidden[3])),
            self.quarter_resolution(as_features(hidden[6])),
            self.eighth_resolution(as_features(hidden[9])),
            as_features(last),
        ]
