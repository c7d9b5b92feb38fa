"""Intensities are scaled by the rule of the modality."""

from __future__ import annotations

import numpy as np
import pytest

from Med3DInsightLib.volumes import IntensityRule, IntensityScale, Modality, Recipe


def test_a_window_maps_its_ends_to_0_and_1_and_clips_beyond():
    rule = IntensityRule(IntensityScale.WINDOW, -100.0, 300.0)
    scaled = rule.apply(np.array([-1000.0, -100.0, 100.0, 300.0, 3000.0], np.float32))
    assert np.allclose(scaled, [0, 0, 0.5, 1, 1])


def test_percentiles_do_not_count_the_black_border():
    rule = IntensityRule(IntensityScale.PERCENTILES, 0.0, 50.0)
    inner = np.linspace(100, 200, 1001, dtype=np.float32)
    with_border = np.concatenate([np.zeros(100_000, np.float32), inner])
    assert np.allclose(rule.apply(with_border)[100_000:], rule.apply(np.concatenate([[0], inner]))[1:])
    assert rule.apply(with_border)[-501] == pytest.approx(1.0)


def test_a_constant_volume_becomes_0_and_a_mask_0_and_1():
    rule = IntensityRule(IntensityScale.PERCENTILES, 0.5, 99.5)
    assert not rule.apply(np.full((3, 3, 3), 7, np.int16)).any()
    mask = np.zeros((3, 3, 3), np.int16)
    mask[1] = 1000
    assert np.array_equal(rule.apply(mask), mask / 1000)
    assert np.isfinite(IntensityRule(IntensityScale.WINDOW, 1.0, 2.0).apply(mask)).all()


def test_the_rule_of_the_modality_is_used_and_default_otherwise():
    default = IntensityRule(IntensityScale.PERCENTILES, 1, 99)
    window = IntensityRule(IntensityScale.WINDOW, 0, 80)
    recipe = Recipe("RAS", (1.0, 1.0, 1.0), {"default": default, "CT": window}, (8, 8, 8))
    assert recipe.rule_for(Modality.CT) is window
    assert recipe.rule_for(Modality.MR) is default
    assert recipe.rule_for(Modality.UNKNOWN) is default


@pytest.mark.parametrize(
    "changes",
    [
        {"orientation": "RAR"},
        {"spacing_ijk_mm": (1.0, 0.0, 1.0)},
        {"patch_kji": (0, 8, 8)},
        {"intensity": {}},
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(changes):
    rule = IntensityRule(IntensityScale.WINDOW, 0, 1)
    entries = {"orientation": "RAS", "spacing_ijk_mm": (1.0, 1.0, 1.0), "intensity": {"default": rule}}
    with pytest.raises(ValueError, match="orientation|positive|default"):
        Recipe(**({"patch_kji": (8, 8, 8)} | entries | changes))
