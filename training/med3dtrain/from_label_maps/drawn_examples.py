"""Synthetic images as examples of a training."""

from __future__ import annotations

from torch import Tensor, nn
from torch.utils.data import Dataset

from ..loops.examples import Example
from ..loops.losses import soft_dice_cross_entropy
from ..synthesis.images import SyntheticImages


class DrawnExamples(Dataset[Example]):
    """Number n is image n of an endless source, with fractions of the classes (C, K, J, I) as its target."""

    def __init__(self, images: SyntheticImages) -> None:
        self._images = images

    def __getitem__(self, number: int) -> Example:
        image, fractions = self._images.draw(number)
        return Example(image[None], fractions, f"synthetic image {number}")


class SoftSegmentation(nn.Module):
    """The loss of a segmentation network on images (B, 1, K, J, I) with fractions (B, C, K, J, I), a scalar."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, fractions: Tensor) -> Tensor:
        """Dice plus cross-entropy, in float32."""
        return soft_dice_cross_entropy(self.network(images), fractions)
