"""From features at several scales to one score per class and voxel."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import pairwise

import torch
from monai.networks.blocks.segresnet_block import ResBlock
from monai.networks.layers.factories import Act
from monai.networks.layers.utils import get_norm_layer
from torch import Tensor, nn
from torch.nn import functional

_NORM = ("instance", {"affine": True})


class SegmentationDecoder(nn.Module):
    """Climbs from the coarsest features to the finest, adding the encoder's features on the way.

    One decoder serves every backbone: at each level the coarser features are projected to the
    level's channels, upsampled linearly, added to the encoder's, and refined by a residual block
    (the decoder of SegResNet, Myronenko 2018, section 2.2). If the finest level is coarser than
    the input, the scores are upsampled linearly at the end.

        decoder = SegmentationDecoder(backbone.channels, backbone.strides, classes=4)
        scores = decoder(backbone(x))           # (B, 4, K, J, I)
    """

    def __init__(self, channels: tuple[int, ...], strides: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.output_stride = strides[0]
        self.projections = nn.ModuleList(
            nn.Conv3d(coarse, fine, kernel_size=1, bias=False) for fine, coarse in pairwise(channels)
        )
        self.refinements = nn.ModuleList(ResBlock(3, fine, norm=_NORM) for fine in channels[:-1])
        self.head = nn.Sequential(
            get_norm_layer(_NORM, spatial_dims=3, channels=channels[0]),
            Act["relu"](inplace=True),
            nn.Conv3d(channels[0], classes, kernel_size=1),
        )

    def forward(self, features: list[Tensor]) -> Tensor:
        """Scores before softmax, (B, classes, K, J, I), of features from finest to coarsest."""
        (finest,) = deque(self.climb(features), maxlen=1)  # coarser ones need not be kept
        return self.scores(finest)

    def climb(self, features: list[Tensor]) -> Iterator[Tensor]:
        """What the decoder makes of every level, shaped as the features, from coarsest to finest."""
        x = features[-1]
        yield x
        for level in reversed(range(len(self.projections))):
            skip = features[level]
            x = _resize(self.projections[level](x), skip.shape[2:])
            x = self.refinements[level](x + skip)
            yield x

    def scores(self, finest: Tensor) -> Tensor:
        """Scores before softmax, (B, classes, K, J, I), of the finest of climb()."""
        scores: Tensor = self.head(finest)
        if self.output_stride > 1:
            scores = _resize(scores, torch.Size(size * self.output_stride for size in scores.shape[2:]))
        return scores


def _resize(x: Tensor, size: torch.Size) -> Tensor:
    return functional.interpolate(x, size=size, mode="trilinear", align_corners=False)
