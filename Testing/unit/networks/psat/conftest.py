"""A small PSAT, two volumes it has seen, and slices of them."""

from __future__ import annotations

import pytest
import torch

from Med3DInsightLib.bundles import PsatSettings
from Med3DInsightLib.networks.psat.factory import build_psat

from .parts import CHANNELS, FEATURES_KJI, SMALL, STRIDES


@pytest.fixture
def small_settings() -> PsatSettings:
    return SMALL


@pytest.fixture
def build():
    """A PSAT in evaluation mode whose weights are the same in every test."""

    def built(settings):
        torch.manual_seed(0)
        return build_psat(settings, CHANNELS, STRIDES).eval()

    return built


@pytest.fixture
def features():
    """The features of two volumes of 32x48x64 voxels (K, J, I), finest first."""
    generator = torch.Generator().manual_seed(1)
    return [
        torch.randn(2, channels, *shape, generator=generator)
        for channels, shape in zip(CHANNELS, FEATURES_KJI, strict=True)
    ]
