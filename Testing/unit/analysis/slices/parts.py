"""Encoders made by hand, whose attention is at the brightest token, and volumes with one bright cube."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from Med3DInsightLib.bundles import Architecture, ConditioningKind, HeadKind, ModelCard, PsatSettings
from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.networks.pretrained_encoder import PretrainedEncoder
from Med3DInsightLib.networks.psat.factory import build_psat
from Med3DInsightLib.volumes import Grid, IntensityRule, IntensityScale, Volume

WIDTH = 12
SETTINGS = PsatSettings(
    layers=2, heads=2, width=WIDTH, feed_forward=16, queries=3, embedding=8, levels=2, normalise_tokens=False
)  # normalised, features that are the same in all channels would say nothing
SEGRESNET = {"init_filters": 8, "blocks": [1, 1, 1]}


class Brightness(Backbone):
    """An encoder whose features are the mean intensities of blocks of voxels; counts the windows it reads."""

    def __init__(self):
        super().__init__(1, (WIDTH, WIDTH), (2, 4))
        self.windows = 0

    def forward(self, x):
        self.windows += len(x)
        return [functional.avg_pool3d(x, stride).expand(-1, WIDTH, -1, -1, -1) for stride in self.strides]


def random_encoder(settings: PsatSettings = SETTINGS) -> PretrainedEncoder:
    torch.manual_seed(0)
    backbone = Brightness()
    return PretrainedEncoder(backbone, build_psat(settings, backbone.channels, backbone.strides)).eval()


def brightest_token_encoder(levels: int = 1, sharpness: float = 200.0) -> PretrainedEncoder:
    """Every query of every layer and head looks at the brightest token, whatever the slice."""
    encoder = random_encoder(
        replace(
            SETTINGS,
            levels=levels,
            conditioning=ConditioningKind.NONE,
            token_positions=False,
            normalise_tokens=False,
        )
    )
    look_at_the_brightest(encoder.psat, sharpness)
    return encoder


def look_at_the_brightest(psat: nn.Module, sharpness: float) -> None:
    """Let every query of a PSAT without conditioning ask for the token whose channels are highest."""
    if psat.tokens.level_vectors is not None:
        nn.init.zeros_(psat.tokens.level_vectors)
    for layer in psat.decoder.layers:
        attention = layer.cross_attention
        nn.init.zeros_(attention.to_query.weight)
        nn.init.constant_(attention.to_query.bias, sharpness / WIDTH)
        nn.init.eye_(attention.to_key.weight)
        nn.init.zeros_(attention.to_key.bias)


def encoder_card(a_card: ModelCard, settings: PsatSettings = SETTINGS) -> ModelCard:
    """A pretrained encoder that bundles can hold; the recipe of a_card, but intensities from 0 to 1000."""
    rule = IntensityRule(IntensityScale.WINDOW, 0.0, 1000.0)
    return replace(
        a_card,
        recipe=replace(a_card.recipe, intensity={"default": rule}),
        name="tiny-encoder",
        architecture=Architecture("segresnet", SEGRESNET, HeadKind.NONE, psat=settings),
        segments=(),
        teacher="some/sentence-encoder@1234",
    )


def dim_volume(grid: Grid) -> Volume:
    """Weak noise, brighter by nothing."""
    return Volume(np.random.default_rng(0).uniform(0, 100, grid.shape_kji).astype(np.float32), grid)


def with_bright_cube(volume: Volume, centre_ras_mm, half_mm: float) -> Volume:
    at_k, at_j, at_i = np.indices(volume.grid.shape_kji)
    distance = np.abs(volume.grid.ras_of(np.stack([at_i, at_j, at_k], -1)) - centre_ras_mm).max(-1)
    return volume.map(lambda array: np.where(distance <= half_mm, np.float32(1000.0), array))
