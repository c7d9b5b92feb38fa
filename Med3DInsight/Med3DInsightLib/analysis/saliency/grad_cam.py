"""Gradient-weighted class activation maps."""

from __future__ import annotations

import torch
from torch import Tensor

from ...errors import UserError
from ...networks.classification import ClassificationNetwork


def features_and_embedding(network: ClassificationNetwork, x: Tensor, level: int) -> tuple[Tensor, Tensor]:
    """The features (1, C, k, j, i) of a level and the embedding (1, W) of x, ready for grad_cam().

    level counts from the finest, or with -1 from the coarsest. For the coarsest the backbone needs no gradients.
    """
    if level in (-1, len(network.backbone.strides) - 1):
        with torch.no_grad():
            features = network.backbone(x)[-1]
        features = features.detach().requires_grad_()
        with torch.enable_grad():
            return features, network.embedding_of(features)
    with torch.enable_grad():
        levels = network.backbone(x.detach().requires_grad_())
        return levels[level], network.embedding_of(levels[-1])


def grad_cam(network: ClassificationNetwork, features: Tensor, embedding: Tensor, number: int) -> Tensor:
    """How much each token speaks for class number, (k, j, i), from 0 to 1.

    Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2) in three dimensions: the channels of
    features, weighted with the mean gradient of the class's score before softmax, are added, and what speaks
    against the class is cut off. The largest value is made 1; all are 0 if nothing speaks for the class.

    Raises UserError if the score does not depend on these features.
    """
    with torch.enable_grad():
        score = network.scores(embedding)[0, number]
        (gradient,) = torch.autograd.grad(score, features, allow_unused=True)
    if gradient is None:
        raise UserError(
            "the coarsest features of this network do not come from the chosen level", next_step="choose level -1"
        )
    weights = gradient.mean(dim=(2, 3, 4), keepdim=True)
    activation = (weights * features.detach()).sum(dim=1)[0].relu()
    largest = activation.max()
    return activation / largest if largest > 0 else activation
