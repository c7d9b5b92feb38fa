"""A tiny bundle that segments by brightness alone, without having learnt anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from Med3DInsightLib.bundles import Architecture, Bundle, HeadKind, ModelCard
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.volumes import Code, Segment

NAME = "brightness"
NAMES = ("CSF", "grey matter", "white matter")

_THRESHOLDS = (0.05, 0.4, 0.85)
"""Where a structure begins, between the percentiles of the recipe: 0 is the darkest, 1 the brightest."""

_STEEPNESS = 20.0
_FAINT = 1e-6
"""How much of the image is left beside the steps: far below what a normalisation over the window would bring up."""


def a_brightness_bundle(a_card: ModelCard, folder: Path) -> Bundle:
    """The darkest part of a head is CSF, the brightest white matter; a window of 48^3 takes a tenth of a second."""
    card = replace(
        a_card,
        name=NAME,
        title="Tissue by brightness",
        architecture=Architecture(
            "segresnet", {"init_filters": 8, "blocks": [1], "norm": "batch"}, HeadKind.SEGMENTATION, 1 + len(NAMES)
        ),
        recipe=replace(a_card.recipe, patch_kji=(48, 48, 48)),
        segments=tuple(_segment(value, name) for value, name in enumerate(NAMES, start=1)),
    )
    network = build_network(card.architecture)
    with torch.no_grad():
        _make_steps(network.backbone)
        _prefer_the_highest_step(network.decoder.head)
    return save_network(network, card, folder)


def _make_steps(backbone: nn.Module) -> None:
    """Channel n becomes 1 where the image is above threshold n, and 0 elsewhere: relu(y) - relu(y - 1)."""
    block = backbone.levels[0][1]
    for convolution in (backbone.stem.conv, block.conv1.conv, block.conv2.conv):
        nn.init.zeros_(convolution.weight)
    nn.init.zeros_(block.norm1.bias)
    nn.init.zeros_(block.norm2.bias)
    backbone.stem.conv.weight[:, 0, 1, 1, 1] = _FAINT
    nn.init.constant_(block.norm1.weight, _STEEPNESS / _FAINT)
    for step, threshold in enumerate(_THRESHOLDS):
        for channel, above in ((2 * step, 0.0), (2 * step + 1, 1.0)):
            block.norm1.bias[channel] = -_STEEPNESS * threshold
            block.conv1.conv.weight[channel, channel, 1, 1, 1] = 1.0
            block.norm2.bias[channel] = -above
        block.conv2.conv.weight[step, 2 * step, 1, 1, 1] = 1.0
        block.conv2.conv.weight[step, 2 * step + 1, 1, 1, 1] = -1.0


def _prefer_the_highest_step(head: nn.Module) -> None:
    """What is 1 in fewer voxels is larger after the normalisation, so that steps higher up win; background is first."""
    scores = head[-1]
    nn.init.zeros_(scores.weight)
    nn.init.zeros_(scores.bias)
    scores.bias[0] = 0.05
    for step in range(len(_THRESHOLDS)):
        scores.weight[1 + step, step] = 1.0 + step / 2


def _segment(value: int, name: str) -> Segment:
    return Segment(value, name, (60 * value, 200, 255 - 60 * value), Code("85756007", "Tissue"), Code("0", name))
