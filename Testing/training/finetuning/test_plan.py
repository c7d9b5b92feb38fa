"""A plan follows from the fingerprint, and every network fits what it plans."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.volumes import IntensityScale, Modality
from med3dtrain.datasets.fingerprint import DatasetFingerprint
from med3dtrain.finetuning.errors import FineTuningError
from med3dtrain.finetuning.planning.plan import make_plan
from med3dtrain.finetuning.planning.starting_encoder import starting_architecture
from med3dtrain.finetuning.settings.augmentation import AugmentationSettings
from med3dtrain.finetuning.settings.network import NetworkSettings
from med3dtrain.finetuning.settings.plan import PlanSettings
from med3dtrain.finetuning.settings.sampling import SamplingSettings
from med3dtrain.finetuning.settings.start import StartSettings


def a_fingerprint(spacing=(1.0, 1.0, 1.0), extent=(35.0, 50.0, 36.0), fine=None, modality=Modality.MR):
    return DatasetFingerprint(10, (modality,), spacing, fine or spacing, extent, (-103.0, 281.0), {1: 100})


def test_small_volumes_are_seen_whole():
    plan = make_plan(a_fingerprint(), PlanSettings())
    assert plan.recipe.patch_kji == (40, 56, 40)
    assert plan.recipe.spacing_ijk_mm == (1.0, 1.0, 1.0)
    assert plan.levels == 4
    assert plan.batch == 16


def test_large_volumes_are_seen_in_parts_of_the_same_shape():
    plan = make_plan(a_fingerprint((0.8, 0.8, 2.0), (400.0, 400.0, 600.0)), PlanSettings())
    k, j, i = plan.recipe.patch_kji
    assert j == i
    assert abs(k / j - 0.6) < 0.15
    assert math.prod((k, j, i)) <= 1.4 * 128**3
    assert plan.batch == 2


def test_an_axis_that_is_much_coarser_keeps_the_detail_of_finer_cases():
    plan = make_plan(a_fingerprint((0.5, 0.5, 5.0), (200.0, 200.0, 100.0), fine=(0.4, 0.4, 2.5)), PlanSettings())
    assert plan.recipe.spacing_ijk_mm == (0.5, 0.5, 2.5)


def test_ct_is_seen_in_the_window_of_its_structures_and_mr_by_percentiles():
    rules = make_plan(a_fingerprint(modality=Modality.CT), PlanSettings()).recipe.intensity
    assert (rules["CT"].scale, rules["CT"].low, rules["CT"].high) == (IntensityScale.WINDOW, -110.0, 290.0)
    assert make_plan(a_fingerprint(), PlanSettings()).recipe.intensity["default"].scale == IntensityScale.PERCENTILES


def test_what_is_decided_by_hand_stays():
    settings = PlanSettings((2.0, 2.0, 2.0), (16, 24, 32), batch=3, levels=2)
    plan = make_plan(a_fingerprint(), settings)
    assert (plan.recipe.spacing_ijk_mm, plan.recipe.patch_kji) == ((2.0, 2.0, 2.0), (16, 24, 32))
    assert (plan.batch, plan.levels) == (3, 2)


@settings(max_examples=20, deadline=None)
@given(
    spacing=st.tuples(*[st.floats(0.3, 6.0)] * 3),
    voxels=st.tuples(*[st.integers(1, 600)] * 3),
    budget=st.integers(12**3, 24**3),
)
def test_a_planned_network_takes_a_planned_patch(spacing, voxels, budget):
    extent = tuple(size * count for size, count in zip(spacing, voxels, strict=True))
    plan = make_plan(a_fingerprint(spacing, extent), PlanSettings(voxels=budget))
    network = NetworkSettings(arguments={"init_filters": 8})
    name, arguments = starting_architecture(network, StartSettings(), plan.levels)
    backbone = build_backbone(name, **arguments)
    assert backbone.strides[-1] == 2 ** (plan.levels - 1)
    assert all(size % backbone.strides[-1] == 0 for size in plan.recipe.patch_kji)
    with torch.no_grad():
        features = backbone(torch.zeros(1, 1, *plan.recipe.patch_kji))
    assert min(features[-1].shape[2:]) >= 1


def test_an_encoder_decides_which_patches_there_are():
    deep = build_backbone("segresnet", init_filters=8, blocks=(1, 1, 1, 1, 1))
    assert make_plan(a_fingerprint(), PlanSettings(), deep).recipe.patch_kji == (48, 64, 48)
    fixed = build_backbone("unetr", window_kji=(32, 32, 32), feature_size=4, hidden_size=24, mlp_size=24, heads=2)
    assert make_plan(a_fingerprint(), PlanSettings(), fixed).recipe.patch_kji == (32, 32, 32)
    with pytest.raises(FineTuningError, match=r"reads patches of multiples of 16 voxels, not \[40, 48, 48\]"):
        make_plan(a_fingerprint(), PlanSettings(patch_kji=(40, 48, 48)), deep)
    with pytest.raises(FineTuningError, match=r"reads patches of \[32, 32, 32\] voxels"):
        make_plan(a_fingerprint(), PlanSettings(patch_kji=(64, 64, 64)), fixed)


@pytest.mark.parametrize("batch_voxels", [1, 10**9])
def test_a_batch_has_two_to_sixteen_patches(batch_voxels):
    assert 2 <= make_plan(a_fingerprint(), PlanSettings(batch_voxels=batch_voxels)).batch <= 16


@pytest.mark.parametrize(
    ("settings_of", "wrong", "said"),
    [
        (PlanSettings, {"batch": 0}, "at least 1"),
        (PlanSettings, {"levels": -1}, "at least 1"),
        (PlanSettings, {"patch_kji": (16, 0, 16)}, "at least 1"),
        (PlanSettings, {"voxels": 0}, "at least 1"),
        (PlanSettings, {"spacing_ijk_mm": (1.0, 0.0, 1.0)}, "spacing_ijk_mm is positive"),
        (SamplingSettings, {"on_structures": 1.5}, "on_structures is a share"),
        (SamplingSettings, {"workers": -1}, "workers not negative"),
        (AugmentationSettings, {"noise": 1.5}, "probabilities"),
        (AugmentationSettings, {"rotation": -0.1}, "not negative"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings_of, wrong, said):
    with pytest.raises(ValueError, match=said):
        settings_of(**wrong)
