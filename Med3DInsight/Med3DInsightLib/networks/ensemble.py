"""Several segmentation networks that answer as one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .backbones.backbone import Backbone
from .decoder import SegmentationDecoder
from .segmentation import SegmentationNetwork


class JoinedBackbones(Backbone):
    """Encoders of one architecture side by side: at each level, the channels of one after those of another.

    Raises ValueError if they do not have the same levels.
    """

    def __init__(self, members: Sequence[Backbone]) -> None:
        first = members[0]
        if any((each.channels, each.strides) != (first.channels, first.strides) for each in members):
            raise ValueError("networks of one ensemble have the same levels")
        channels = tuple(len(members) * count for count in first.channels)
        super().__init__(first.in_channels, channels, first.strides, first.window_kji)
        self.members = nn.ModuleList(members)

    @property
    def first(self) -> Backbone:
        """The encoder of the first network alone."""
        first: Backbone = self.members[0]  # type: ignore[assignment]
        return first

    def forward(self, x: Tensor) -> list[Tensor]:
        """See Backbone."""
        levels = zip(*(member(x) for member in self.members), strict=True)
        return [torch.cat(level, dim=1) for level in levels]


class JoinedDecoders(nn.Module):
    """Decoders that each read their share of the channels; their scores are averaged."""

    def __init__(self, members: Sequence[SegmentationDecoder]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Mean scores before softmax, (B, classes, K, J, I), of the features of JoinedBackbones."""
        parts = zip(*(level.chunk(len(self.members), dim=1) for level in features), strict=True)
        total: Tensor = sum(member(list(part)) for member, part in zip(self.members, parts, strict=True))
        return total / len(self.members)


class SegmentationEnsemble(nn.Module):
    """Segmentation networks of one architecture whose scores are averaged, with encoder and decoder as one has them.

    ensemble = SegmentationEnsemble([first, second, third])
    ensemble(torch.zeros(1, 1, 64, 64, 64)).shape      # (1, classes, 64, 64, 64)

    Raises ValueError if the networks do not have the same levels and classes.
    """

    def __init__(self, members: Sequence[SegmentationNetwork]) -> None:
        super().__init__()
        if len({member.classes for member in members}) != 1:
            raise ValueError("networks of one ensemble have the same classes")
        self.backbone = JoinedBackbones([member.backbone for member in members])
        self.decoder = JoinedDecoders([member.decoder for member in members])
        self.classes = members[0].classes

    def forward(self, x: Tensor) -> Tensor:
        """Mean scores before softmax, (B, classes, K, J, I), of x, (B, in_channels, K, J, I)."""
        scores: Tensor = self.decoder(self.backbone(x))
        return scores


Segmenting = SegmentationNetwork | SegmentationEnsemble
"""What has an encoder and a decoder that scores the classes of every voxel."""
