"""A backbone with a segmentation decoder."""

from __future__ import annotations

from torch import Tensor, nn

from .backbones.backbone import Backbone
from .decoder import SegmentationDecoder


class SegmentationNetwork(nn.Module):
    """Scores every voxel for every class; the encoder stays reachable for other heads.

    network = SegmentationNetwork(build_backbone("segresnet"), classes=4)
    network(torch.zeros(1, 1, 64, 64, 64)).shape      # (1, 4, 64, 64, 64)
    """

    def __init__(self, backbone: Backbone, classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.decoder = SegmentationDecoder(backbone.channels, backbone.strides, classes)
        self.classes = classes

    def forward(self, x: Tensor) -> Tensor:
        """Scores before softmax, (B, classes, K, J, I), of x, (B, in_channels, K, J, I)."""
        scores: Tensor = self.decoder(self.backbone(x))
        return scores
