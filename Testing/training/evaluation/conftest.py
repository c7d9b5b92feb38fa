"""A folder with cases and bundles, in which commands run."""

from __future__ import annotations

import pytest
import torch
from Testing.training.evaluation.parts import write_cases

from Med3DInsightLib.networks.factory import build_network, save_network


@pytest.fixture
def study(tmp_path, monkeypatch, a_bundle):
    monkeypatch.chdir(tmp_path)
    write_cases(tmp_path / "task")
    return tmp_path


@pytest.fixture
def another_bundle(a_card, tmp_path):
    torch.manual_seed(1)
    return save_network(build_network(a_card.architecture), a_card, tmp_path / "bundles" / "other")
