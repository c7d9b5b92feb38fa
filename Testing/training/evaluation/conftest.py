"""A folder with cases and bundles, in which commands run."""

from __future__ import annotations

import pytest
import torch
from Testing.training.evaluation.parts import classification_bundle, write_cases, write_classified

from Med3DInsightLib.networks.factory import build_network, save_network


@pytest.fixture
def study(tmp_path, monkeypatch, a_bundle):
    monkeypatch.chdir(tmp_path)
    write_cases(tmp_path / "task")
    return tmp_path


@pytest.fixture
def classified(tmp_path, monkeypatch, a_card):
    """Eight volumes of two classes in data/cases.csv, and bundles that classify them."""
    monkeypatch.chdir(tmp_path)
    write_classified(tmp_path / "data")
    classification_bundle(a_card, tmp_path / "bundles" / "kinds")
    return tmp_path


@pytest.fixture
def another_bundle(a_card, tmp_path):
    torch.manual_seed(1)
    return save_network(build_network(a_card.architecture), a_card, tmp_path / "bundles" / "other")
