"""The encoder of SegResNet (Myronenko 2018, arXiv 1810.11654), from MONAI."""

from __future__ import annotations

from monai.networks.nets import SegResNet
from torch import Tensor

from .backbone import Backbone


class SegResNetBackbone(Backbone):
    """Residual convolutions; doubles the channels and halves the resolution at every level."""

    def __init__(
        self,
        in_channels: int = 1,
        init_filters: int = 16,
        blocks: tuple[int, ...] = (1, 2, 2, 4),
        norm: str = "instance",
    ) -> None:
        levels = range(len(blocks))
        super().__init__(in_channels, tuple(init_filters * 2**n for n in levels), tuple(2**n for n in levels))
        network = SegResNet(
            in_channels=in_channels,
            init_filters=init_filters,
            blocks_down=tuple(blocks),
            blocks_up=(1,) * (len(blocks) - 1),
            norm=(norm, {"affine": True}) if norm == "instance" else norm,
        )
        self.stem = network.convInit
        self.levels = network.down_layers

    def forward(self, x: Tensor) -> list[Tensor]:
        """See Backbone.forward."""
        features = []
        x = self.stem(x)
        for level in self.levels:
            x = level(x)
            features.append(x)
        return features
