"""3D residual networks (He et al. 2016; Hara et al. 2018, arXiv 1711.09577), from MONAI."""

from __future__ import annotations

from monai.networks.nets.resnet import ResNetFeatures
from torch import Tensor

from .backbone import Backbone

_BOTTLENECK_EXPANSION = {10: 1, 18: 1, 34: 1, 50: 4, 101: 4, 152: 4, 200: 4}


class ResNetBackbone(Backbone):
    """A 3D ResNet of 10 to 200 layers; its finest features have half the resolution of the input."""

    def __init__(self, in_channels: int = 1, depth: int = 18) -> None:
        if depth not in _BOTTLENECK_EXPANSION:
            raise ValueError(f"there is no ResNet with {depth} layers; choose from {sorted(_BOTTLENECK_EXPANSION)}")
        factor = _BOTTLENECK_EXPANSION[depth]
        channels = (64, 64 * factor, 128 * factor, 256 * factor, 512 * factor)
        super().__init__(in_channels, channels, (2, 4, 8, 16, 32))
        self.network = ResNetFeatures(f"resnet{depth}", pretrained=False, spatial_dims=3, in_channels=in_channels)

    def forward(self, x: Tensor) -> list[Tensor]:
        """See Backbone.forward."""
        features: list[Tensor] = self.network(x)
        return features
