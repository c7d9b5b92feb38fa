"""A CT slice is drawn in the window of the region that it shows."""

from __future__ import annotations

import numpy as np
import pytest

from Med3DInsightLib.captions.pictures import RenderSettings, SliceRenderer
from Med3DInsightLib.captions.pictures.windows import (
    BONE,
    BRAIN,
    LUNG,
    SOFT_TISSUE,
    ct_window,
    percentile_window,
    surrounded_by,
)
from Med3DInsightLib.volumes import Modality, Plane, Volume, slice_of

from ...volumes.strategies import grid_of

_ROW, _COLUMN = np.mgrid[-1:1:200j, -1:1:200j]


def ellipse(height, width, row=0.0, column=0.0):
    return ((_ROW - row) / height) ** 2 + ((_COLUMN - column) / width) ** 2 < 1


def slice_hu(*parts):
    """Air, and on it each part (mask, HU), the last on top."""
    hu = np.full(_ROW.shape, -1000.0)
    for mask, value in parts:
        hu[mask] = value
    return hu


HEAD = slice_hu(
    (ellipse(0.9, 0.75), -80),
    (ellipse(0.86, 0.71), 45),
    (ellipse(0.82, 0.67), 900),
    (ellipse(0.72, 0.57), 35),
    (ellipse(0.1, 0.05, -0.1, 0.1), 8),
    (ellipse(0.1, 0.05, -0.1, -0.1), 8),
)
CHEST = slice_hu(
    (ellipse(0.7, 0.95), -100),
    (ellipse(0.62, 0.87), 50),
    (ellipse(0.5, 0.32, 0, 0.45), -850),
    (ellipse(0.5, 0.32, 0, -0.45), -850),
    (ellipse(0.12, 0.12, 0.5), 450),
)
ABDOMEN = slice_hu(
    (ellipse(0.7, 0.95), -100),
    (ellipse(0.62, 0.87), 55),
    (ellipse(0.12, 0.12, 0.45), 450),
    (ellipse(0.15, 0.2, -0.3, 0.3), -990),
    (ellipse(0.1, 0.1, 0.0, 0.0), 220),
)
KNEE = slice_hu((ellipse(0.6, 0.6), -90), (ellipse(0.55, 0.55), 60), (ellipse(0.4, 0.4), 500))
THIGH = slice_hu((ellipse(0.6, 0.6), -90), (ellipse(0.55, 0.55), 60), (ellipse(0.2, 0.2), 900))


@pytest.mark.parametrize(
    ("name", "hu", "window"),
    [
        ("head", HEAD, BRAIN),
        ("chest", CHEST, LUNG),
        ("abdomen", ABDOMEN, SOFT_TISSUE),
        ("knee", KNEE, BONE),
        ("thigh", THIGH, SOFT_TISSUE),
        ("air", slice_hu(), SOFT_TISSUE),
        ("a speck in air", slice_hu((ellipse(0.1, 0.1), 40)), SOFT_TISSUE),
    ],
)
def test_the_rule_finds_the_region(name, hu, window):
    assert ct_window(hu) == window
    assert ct_window(np.rot90(hu)) == window
    assert ct_window(hu + np.random.default_rng(0).normal(0, 8, hu.shape)) == window


@pytest.mark.parametrize("directions", [3, 4])
def test_surrounded_is_what_has_others_in_so_many_directions(directions):
    mask = np.random.default_rng(directions).random((9, 13)) < 0.1
    mask[3] = mask[:, 5] = False
    found = np.zeros(mask.shape, bool)
    for row, column in np.ndindex(mask.shape):
        up_down = (mask[: row + 1, column], mask[row:, column])
        left_right = (mask[row, : column + 1], mask[row, column:])
        found[row, column] = sum(each.any() for each in (*up_down, *left_right)) >= directions
    assert found.any()
    assert (surrounded_by(mask, directions) == found).all()


def test_the_foam_of_the_table_is_no_lung():
    lying = ABDOMEN.copy()
    lying[174:199] = -870
    assert ct_window(lying) == SOFT_TISSUE
    assert ct_window(np.where(lying == -870, 40, lying)) == SOFT_TISSUE


def test_lungs_that_the_field_of_view_cuts_are_lungs_and_vessels_full_of_contrast_are_no_bone():
    heart = CHEST.copy()
    heart[ellipse(0.4, 0.25)] = 450
    assert ct_window(heart) == LUNG
    assert ct_window(heart[:, 50:150]) == LUNG
    assert ct_window(heart[40:160, 50:150]) == LUNG


def test_muscle_around_bone_is_no_brain():
    """A lean leg has as much bone and soft tissue as a head, but not within each other."""
    leg = slice_hu((ellipse(0.6, 0.6), 60), (ellipse(0.22, 0.22), 900))
    assert ct_window(leg) == SOFT_TISSUE


def test_every_slice_gets_its_own_window_and_a_fixed_one_replaces_them():
    grid = grid_of("LPS", (3, 200, 200), (1.0, 1.0, 1.0))
    volume = Volume(np.stack([HEAD, CHEST, ABDOMEN]).astype(np.int16), grid, Modality.CT)
    renderer = SliceRenderer(volume)
    windows = [renderer.picture(slice_of(grid, Plane.AXIAL, index)).window for index in range(3)]
    assert windows == [BRAIN, LUNG, SOFT_TISSUE]
    fixed = SliceRenderer(volume, RenderSettings(window=BONE))
    assert {fixed.picture(slice_of(grid, Plane.AXIAL, index)).window for index in range(3)} == {BONE}


def test_a_ct_that_was_rescaled_to_bytes_has_no_hounsfield_units():
    grid = grid_of("LPS", (1, 200, 200), (1.0, 1.0, 1.0))
    bytes_ = np.interp(HEAD, (-1000, 1000), (0, 255)).astype(np.uint8)
    picture = SliceRenderer(Volume(bytes_[None], grid, Modality.CT)).picture(slice_of(grid, Plane.AXIAL, 0))
    assert picture.window.name == "percentiles 0.5 to 99.5"


@pytest.mark.parametrize("array", [np.full((2, 2, 2), 7), np.array([0, 1] * 4).reshape(2, 2, 2)])
def test_masks_and_constant_volumes_have_a_window_too(array):
    window = percentile_window(Volume(array, grid_of("LPS", (2, 2, 2), (1.0, 1.0, 1.0))), 0.5, 99.5)
    assert (window.low, window.high) == (array.min(), array.min() + 1)
