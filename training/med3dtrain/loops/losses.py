"""Losses for segmentation with soft targets."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from .together import share_of_process


def soft_dice_cross_entropy(scores: Tensor, fractions: Tensor) -> Tensor:
    """Cross-entropy plus mean soft Dice loss, a scalar, computed in float32.

    scores (B, C, K, J, I) before softmax; fractions (B, C, K, J, I) sum to 1 over C, so partial
    volume is learnt rather than rounded away. A class that is absent from the target has no Dice
    term: its Dice would be 0 whatever the network does. Averaged over processes that train together,
    it is the loss of their whole batch.
    """
    log_probabilities = functional.log_softmax(scores.float(), dim=1)
    cross_entropy = -(log_probabilities * fractions).sum(1).mean()
    probabilities = log_probabilities[:, 1:].exp()
    targets = fractions[:, 1:]
    space = (2, 3, 4)
    overlap = 2.0 * (probabilities * targets).sum(space)
    total = (probabilities.square() + targets.square()).sum(space)
    present = (targets.sum(space) > 1.0).float()
    count = present.sum()
    dice_loss = (present * (1.0 - overlap / total.clamp_min(1e-3))).sum() / count.clamp_min(1.0)
    return cross_entropy + dice_loss * share_of_process(count)
