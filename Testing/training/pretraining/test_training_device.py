"""Pretraining runs where it was told to, or says why it cannot."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.errors import UserError
from med3dtrain.pretraining.errors import PretrainingError
from med3dtrain.pretraining.run import PretrainingRun


@pytest.fixture
def a_mac(monkeypatch):
    """MPS is there, and CUDA is not."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)


@pytest.fixture
def a_plain_recipe(a_recipe):
    """One step, in float32, with a teacher on the CPU."""
    optimisation = replace(a_recipe.optimisation, steps=1, mixed_precision=False)
    return replace(a_recipe, optimisation=optimisation, teacher=replace(a_recipe.teacher, device=Device.CPU))


def test_a_device_that_is_not_there_is_refused_also_in_float32(a_plain_recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="no usable CUDA device"):
        PretrainingRun(a_plain_recipe, tmp_path / "run", Device.CUDA)


def test_a_mac_pretrains_on_its_cpu_unless_told_otherwise(a_plain_recipe, a_mac, tmp_path):
    assert PretrainingRun(a_plain_recipe, tmp_path / "run", Device.AUTO).run() is not None
    assert json.loads((tmp_path / "run" / "provenance.json").read_text())["device"] == "cpu"


def test_mps_is_refused_with_the_way_out(a_plain_recipe, a_mac, tmp_path):
    with pytest.raises(PretrainingError, match=r"float64, .*\. Choose --device cpu\."):
        PretrainingRun(a_plain_recipe, tmp_path / "run", Device.MPS)
