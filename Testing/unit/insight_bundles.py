"""Tiny bundles that classify, and that read slices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from Testing.unit.analysis.slices.parts import SEGRESNET, encoder_card

from Med3DInsightLib.bundles import Architecture, Bundle, HeadKind, ModelCard
from Med3DInsightLib.bundles.vocabulary import Vocabulary
from Med3DInsightLib.networks.factory import build_network, save_network

PHRASES = ("the left kidney", "liver")


def an_encoder_bundle(a_card: ModelCard, folder: Path) -> Bundle:
    """A random encoder with PSAT, and a vocabulary of PHRASES."""
    card = encoder_card(a_card)
    embeddings = np.random.default_rng(0).normal(size=(len(PHRASES), card.architecture.psat.embedding))
    return _saved(card, folder, Vocabulary(PHRASES, embeddings.astype(np.float32)))


def a_classifier_bundle(a_card: ModelCard, folder: Path) -> Bundle:
    """A random network that tells class a from class b."""
    architecture = Architecture("segresnet", SEGRESNET, HeadKind.CLASSIFICATION, classes=2)
    card = replace(encoder_card(a_card), architecture=architecture, teacher="", class_names=("a", "b"))
    return _saved(card, folder)


def _saved(card: ModelCard, folder: Path, vocabulary: Vocabulary | None = None) -> Bundle:
    torch.manual_seed(0)
    return save_network(build_network(card.architecture), card, folder, vocabulary=vocabulary)
