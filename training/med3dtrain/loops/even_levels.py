"""Giving a pretrained encoder the scales that a decoder begins best with."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.networks.backbones.segresnet import SegResNetBackbone

from .examples import Example

_IMAGES = 4


@torch.no_grad()
def even_levels(backbone: Backbone, examples: Dataset[Example]) -> tuple[float, ...]:
    """Scale the levels of a pretrained backbone to those it would have with fresh weights; the factors, finest first.

    The first few examples tell what it reads. Pretraining uses the coarsest level alone, and finer ones may end a
    hundred times smaller: added to it in a decoder, their detail drowns. Only levels of a SegResNet are scaled, for
    they are sums that nothing bounds; of others all factors are 1, as is that of a level which is constant already.
    """
    if not isinstance(backbone, SegResNetBackbone):
        return (1.0,) * len(backbone.strides)
    where = next(backbone.parameters()).device  # synthetic images may be drawn elsewhere
    images = torch.stack([examples[number].image for number in range(_IMAGES)]).to(where)
    found = _scales(backbone, images)
    wanted = _scales(_with_fresh_weights(backbone), images)
    factors = tuple(ours / theirs if ours * theirs > 0 else 1.0 for ours, theirs in zip(wanted, found, strict=True))
    backbone.scale_levels(factors)
    return factors


def _scales(backbone: Backbone, images: Tensor) -> list[float]:
    """The standard deviation of every level, batch norms in evaluation mode."""
    was_training = backbone.training
    levels = backbone.eval()(images)
    backbone.train(was_training)
    return [float(level.std()) for level in levels]


def _with_fresh_weights(backbone: Backbone) -> Backbone:
    """A copy with the weights of one that has learnt nothing; the random numbers of others stay what they are."""
    fresh = copy.deepcopy(backbone)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for module in fresh.modules():
            if isinstance(module, nn.Conv3d | nn.InstanceNorm3d | nn.BatchNorm3d):
                module.reset_parameters()
    return fresh
