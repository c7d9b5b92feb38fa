"""Sizes, brightness and agreement are those of shapes whose answers are known, and those of MONAI."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.metrics import compute_hausdorff_distance, compute_surface_dice
from Testing.conftest import oblique_affine

from Med3DInsightLib.analysis.comparison import compare
from Med3DInsightLib.analysis.structure_statistics import structure_statistics
from Med3DInsightLib.volumes import Code, Grid, Segment, Volume

CODE = Code("123037004", "Anatomical Structure")
SEGMENTS = [Segment(value, f"structure {value}", (9, 9, 9), CODE, CODE) for value in (1, 2, 3)]


def a_ball(grid, centre_kji, radius_mm):
    at = np.indices(grid.shape_kji).reshape(3, -1).T[:, ::-1]
    distance = np.linalg.norm((at - np.array(centre_kji)[::-1]) * grid.spacing_ijk_mm, axis=1)
    return (distance <= radius_mm).reshape(grid.shape_kji)


@pytest.mark.parametrize("affine", [np.eye(4), np.diag([0.8, 0.8, 2.0, 1.0]), oblique_affine()])
def test_a_ball_has_its_volume_surface_and_brightness(affine):
    grid = Grid((36, 60, 60), affine)
    ball = a_ball(grid, (18, 30, 30), 15.0)
    image = Volume(np.where(ball, 70, 10).astype(np.int16), grid)
    row, missing, _ = structure_statistics(Volume(ball.astype(np.uint8), grid), image, SEGMENTS)
    assert row.volume_ml == pytest.approx(4 / 3 * np.pi * 15**3 / 1000, rel=0.02)
    assert row.surface_mm2 == pytest.approx(4 * np.pi * 15**2, rel=0.03)
    assert row.mean_intensity == 70.0
    assert (missing.volume_ml, missing.mean_intensity, missing.surface_mm2) == (0.0, None, 0.0)


def test_other_grids_are_refused(a_volume):
    other = Volume(np.zeros((3, 3, 3), np.uint8), Grid((3, 3, 3), np.eye(4)))
    with pytest.raises(ValueError, match="different grids"):
        structure_statistics(other, a_volume, SEGMENTS)
    with pytest.raises(ValueError, match="different grids"):
        compare(other, a_volume, SEGMENTS)


def test_a_shifted_box_has_the_distance_it_was_shifted():
    grid = Grid((40, 40, 40), np.diag([1.0, 1.0, 2.0, 1.0]))
    labels, reference = np.zeros((2, 40, 40, 40), np.uint8)
    labels[10:30, 10:30, 10:30] = 1
    reference[13:33, 10:30, 10:30] = 1  # three slices of 2 mm further
    row, *_ = compare(Volume(labels, grid), Volume(reference, grid), SEGMENTS)
    assert row.dice == pytest.approx(17 / 20)
    assert row.hausdorff95_mm == pytest.approx(6.0)


def test_equal_missing_and_one_sided_structures():
    grid = Grid((8, 8, 8), np.eye(4))
    labels, reference = np.zeros((2, 8, 8, 8), np.uint8)
    labels[2:4, 2:4, 2:4] = reference[2:4, 2:4, 2:4] = 1
    labels[5:7, 5:7, 5:7] = 2
    equal, one_sided, missing = compare(Volume(labels, grid), Volume(reference, grid), SEGMENTS)
    assert (equal.dice, equal.hausdorff95_mm, equal.surface_dice) == (1.0, 0.0, 1.0)
    assert (one_sided.dice, one_sided.hausdorff95_mm, one_sided.surface_dice) == (0.0, None, None)
    assert (missing.dice, missing.hausdorff95_mm, missing.surface_dice) == (None, None, None)


@settings(max_examples=25)
@given(
    spacing=st.tuples(*[st.floats(0.5, 3.0)] * 3),
    centres=st.tuples(*[st.tuples(*[st.integers(5, 14)] * 3)] * 2),
    radius=st.floats(3.0, 9.0),
)
def test_agreement_is_what_monai_finds(spacing, centres, radius):
    grid = Grid((20, 20, 20), np.diag([*spacing, 1.0]))
    masks = [a_ball(grid, centre, radius) for centre in centres]
    first, second = (Volume(mask.astype(np.uint8), grid) for mask in masks)
    row, *_ = compare(first, second, SEGMENTS, tolerance_mm=1.5)
    tensors = [torch.from_numpy(mask)[None, None].float() for mask in masks]
    spacing_kji = [float(mm) for mm in grid.spacing_ijk_mm[::-1]]
    hausdorff = compute_hausdorff_distance(*tensors, percentile=95, spacing=spacing_kji)
    surface = compute_surface_dice(*tensors, class_thresholds=[1.5], include_background=True, spacing=spacing_kji)
    assert row.hausdorff95_mm == pytest.approx(float(hausdorff), abs=1e-3)
    assert row.surface_dice == pytest.approx(float(surface), abs=1e-6)
