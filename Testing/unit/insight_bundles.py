"""Tiny bundles that classify, and that read slices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from Testing.unit.analysis.slices.parts import SEGRESNET, SETTINGS, encoder_card, look_at_the_brightest

from Med3DInsightLib.bundles import Architecture, Bundle, ConditioningKind, HeadKind, ModelCard
from Med3DInsightLib.bundles.vocabulary import Vocabulary
from Med3DInsightLib.networks.factory import build_network, save_network

PHRASES = ("the left kidney", "liver")


def an_encoder_bundle(a_card: ModelCard, folder: Path) -> Bundle:
    """A random encoder with PSAT, and a vocabulary of PHRASES."""
    card = encoder_card(a_card)
    embeddings = np.random.default_rng(0).normal(size=(len(PHRASES), card.architecture.psat.embedding))
    return _saved(card, folder, Vocabulary(PHRASES, embeddings.astype(np.float32)))


def a_brightest_token_bundle(a_card: ModelCard, folder: Path, sharpness: float = 2000.0) -> Bundle:
    """An encoder made by hand: its features are the means of blocks of voxels, its attention is at the brightest."""
    settings = replace(SETTINGS, levels=1, conditioning=ConditioningKind.NONE, token_positions=False)
    card = encoder_card(a_card, settings)
    network = build_network(card.architecture)
    for name, weight in network.named_parameters():
        if name.endswith("conv2.conv.weight"):
            torch.nn.init.zeros_(weight)  # the rest of a residual block is nothing
        elif name == "backbone.stem.conv.weight":
            torch.nn.init.zeros_(weight)
            weight.data[:, 0, 1, 1, 1] = 1.0
        elif name.startswith("backbone") and name.endswith(".0.conv.weight"):
            torch.nn.init.zeros_(weight)
            weight.data[:, 0, 1:, 1:, 1:] = 1 / 8  # of a stride of 2: the mean of 2 x 2 x 2 voxels
        elif name.startswith("psat.tokens.projections"):
            torch.nn.init.constant_(weight, 1 / 32 if weight.ndim == 2 else 0.0)
    look_at_the_brightest(network.psat, sharpness)
    return save_network(network, card, folder)


def a_classifier_bundle(a_card: ModelCard, folder: Path) -> Bundle:
    """A random network that tells class a from class b."""
    architecture = Architecture("segresnet", SEGRESNET, HeadKind.CLASSIFICATION, classes=2)
    card = replace(encoder_card(a_card), architecture=architecture, teacher="", class_names=("a", "b"))
    return _saved(card, folder)


def _saved(card: ModelCard, folder: Path, vocabulary: Vocabulary | None = None) -> Bundle:
    torch.manual_seed(0)
    return save_network(build_network(card.architecture), card, folder, vocabulary=vocabulary)
