"""The encoder of Swin UNETR (Hatamizadeh et al. 2022, arXiv 2201.01266), from MONAI."""

from __future__ import annotations

from monai.networks.nets import SwinUNETR
from torch import Tensor

from .backbone import Backbone


class SwinUNETRBackbone(Backbone):
    """Shifted-window attention; every input axis must be a multiple of 32 voxels.

    patch_stride of the transformer is 2, so its five stages have strides 2 to 32; a convolution
    block reads the input at full resolution.
    """

    def __init__(self, in_channels: int = 1, feature_size: int = 24, depths: tuple[int, ...] = (2, 2, 2, 2)) -> None:
        size = feature_size
        super().__init__(in_channels, (size, size, 2 * size, 4 * size, 8 * size, 16 * size), (1, 2, 4, 8, 16, 32))
        network = SwinUNETR(in_channels=in_channels, out_channels=1, feature_size=size, depths=tuple(depths))
        self.transformer = network.swinViT
        self.full_resolution = network.encoder1
        self.half_resolution = network.encoder2
        self.quarter_resolution = network.encoder3
        self.eighth_resolution = network.encoder4
        self.bottleneck = network.encoder10

    def forward(self, x: Tensor) -> list[Tensor]:
        """See Backbone.forward."""
        stages = self.transformer(x, True)
        return [
            self.full_resolution(x),
            self.half_resolution(stages[0]),
            self.quarter_resolution(stages[1]),
            self.eighth_resolution(stages[2]),
            stages[3],
            self.bottleneck(stages[4]),
        ]
