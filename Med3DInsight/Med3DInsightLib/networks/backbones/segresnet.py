"""The encoder of SegResNet (Myronenko 2018, arXiv 1810.11654), from MONAI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from monai.networks.blocks.segresnet_block import ResBlock
from monai.networks.nets import SegResNet
from torch import Tensor, nn

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

    @torch.no_grad()
    def scale_levels(self, factors: Sequence[float]) -> None:
        """Change the weights so that level n comes out times factors[n], and is the same apart from that.

        Levels are sums along a residual path, which nothing bounds: their scales are what training has made of them.
        """
        before = 1.0
        for entrance, blocks, factor in zip(self._entrances(), self._blocks(), factors, strict=True):
            entrance.weight.mul_(factor / before)
            for block in blocks:
                block.conv2.conv.weight.mul_(factor)
                _follow(block.norm1, factor)
            before = factor

    def _entrances(self) -> Iterator[nn.Conv3d]:
        """Of every level, the convolution that its residual path begins with."""
        for level, layers in enumerate(self.levels):
            yield layers[0].conv if level else self.stem.conv

    def _blocks(self) -> Iterator[list[ResBlock]]:
        for layers in self.levels:
            yield [layer for layer in layers if isinstance(layer, ResBlock)]


def _follow(norm: nn.Module, factor: float) -> None:
    """Tell a batch norm, which has learnt the scale of its input, that this is now times factor."""
    if isinstance(norm, nn.BatchNorm3d) and norm.running_mean is not None and norm.running_var is not None:
        norm.running_mean.mul_(factor)
        norm.running_var.mul_(factor**2)
