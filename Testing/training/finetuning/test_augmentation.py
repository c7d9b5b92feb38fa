"""Patches are varied as patients vary, whatever the shape of their voxels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from med3dtrain.finetuning.augmentation import Augmentation, AugmentationSettings

ONLY_ROTATED = AugmentationSettings(1.0, 0.35, 0.0, "", 0.0, 0.05, 0.0, 1.0, 0.0, 0.0, 0.0)


def steepest_deg(spacing_kji_mm, axis):
    """By how much, at most, what lies along axis is turned into K in forty patches, whose values are mm along K."""
    vary = Augmentation(ONLY_ROTATED, (9, 9, 9), spacing_kji_mm)
    ramp = torch.arange(21.0)[:, None, None].expand(21, 21, 21) * spacing_kji_mm[0]
    found = []
    for seed in range(40):
        middle = vary(ramp.contiguous(), torch.zeros(21, 21, 21, dtype=torch.int64), seed)[0][3:6, 3:6, 3:6].numpy()
        rise_mm = np.abs(np.diff(middle, axis=axis)).mean()
        found.append(np.degrees(np.arctan(rise_mm / spacing_kji_mm[axis])))
    return max(found)


@pytest.mark.parametrize("axis", [1, 2])
def test_cubes_are_turned_by_the_angle_of_the_settings(axis):
    assert 10.0 < steepest_deg((1.0, 1.0, 1.0), axis) < 45.0


@pytest.mark.parametrize("axis", [1, 2])
def test_thick_slices_are_not_sheared_by_more_than_that(axis):
    assert steepest_deg((5.0, 0.7, 0.7), axis) < 35.0
