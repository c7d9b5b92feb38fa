"""What a segmentation network is trained for."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from Med3DInsightLib.networks.segmentation import SegmentationNetwork

from ...loops.losses import soft_dice_cross_entropy

_LEAST_SIZE = 4


class SegmentationObjective(nn.Module):
    """Dice plus cross-entropy at every level of the decoder (deep supervision, Lee et al. 2015).

        objective = SegmentationObjective(network)
        loss = objective(images, labels)        # (B, 1, K, J, I), and (B, K, J, I) or shares (B, classes, K, J, I)

    Each coarser level has a head of its own, which only training needs, and half the weight of the finer one; weights
    sum to 1. Its target is the share of each class in the level's larger voxels. Levels with fewer
    than 4 voxels along an axis have no head of their own.
    """

    def __init__(self, network: SegmentationNetwork, patch_kji: tuple[int, int, int]) -> None:
        super().__init__()
        self.network = network
        backbone = network.backbone
        self._strides = [s for s in backbone.strides[1:-1] if min(patch_kji) // s >= _LEAST_SIZE]
        self.heads = nn.ModuleList(
            nn.Conv3d(channels, network.classes, kernel_size=1)
            for channels in backbone.channels[1 : 1 + len(self._strides)]
        )

    def forward(self, images: Tensor, target: Tensor) -> Tensor:
        """The loss, a scalar."""
        network = self.network
        levels = list(network.decoder.climb(network.backbone(images)))[::-1]
        scores = [network.decoder.scores(levels[0])]
        scores += [head(level) for head, level in zip(self.heads, levels[1:], strict=False)]
        is_labels = target.dim() == images.dim() - 1
        fractions = functional.one_hot(target, network.classes).movedim(-1, 1).float() if is_labels else target
        weights = torch.tensor([0.5**n for n in range(len(scores))])
        total = images.new_zeros((), dtype=torch.float32)
        for weight, of_level, stride in zip(weights / weights.sum(), scores, (1, *self._strides), strict=True):
            share = fractions if stride == 1 else functional.avg_pool3d(fractions, stride)
            total = total + float(weight) * soft_dice_cross_entropy(of_level, share)
        return total
