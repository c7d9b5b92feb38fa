"""How well a network does on images that it does not learn from."""

from __future__ import annotations

from statistics import fmean

import torch
from torch import nn

from ..loops.losses import soft_dice_cross_entropy
from ..synthesis.images import SyntheticImages

_IMAGES = 8


class SyntheticValidation:
    """The mean loss on the first images of a source, always the same ones; the score is its negative.

    validation = SyntheticValidation(SyntheticImages(held_out_maps, table, rule, seed=1))
    validation(network)         # {"score": -0.71, "held-out loss": 0.71}
    """

    def __init__(self, images: SyntheticImages) -> None:
        self._images = images

    @torch.inference_mode()
    def __call__(self, network: nn.Module) -> dict[str, float]:
        """All figures by name; the network is in evaluation mode, where the images are."""
        losses = []
        for number in range(_IMAGES):
            image, fractions = self._images.draw(number)
            losses.append(float(soft_dice_cross_entropy(network(image[None, None]), fractions[None])))
        mean = fmean(losses)
        return {"score": -mean, "held-out loss": mean}
