"""The worst slice is found, and shown as radiologists look at it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from Med3DInsightLib.volumes import Grid, Plane, Volume
from med3dtrain.evaluation.segmentation.worst_picture import draw_disagreement, slice_of_most_disagreement

CYAN = (0, 255, 255)


def pair(affine, shape=(12, 14, 16)):
    grid = Grid(shape, affine)
    truth, predicted = np.zeros((2, *shape), np.uint8)
    truth[3:9, 4:10, 4:12] = 1
    predicted[3:9, 4:10, 4:12] = 1
    return grid, truth, predicted


def test_the_slice_with_most_different_voxels_is_chosen():
    grid, truth, predicted = pair(np.eye(4))
    predicted[5, 4:6, 4:6] = 0
    predicted[7, 4:9, 4:9] = 0
    place = slice_of_most_disagreement(Volume(predicted, grid), Volume(truth, grid))
    assert (place.plane, place.index) == (Plane.AXIAL, 7)


def test_thick_slices_are_shown_as_they_were_scanned():
    grid, truth, predicted = pair(np.diag([1.0, 4.0, 1.0, 1.0]))
    predicted[3:9, 6, 4:12] = 0
    place = slice_of_most_disagreement(Volume(predicted, grid), Volume(truth, grid))
    assert (place.plane, place.index) == (Plane.CORONAL, 6)


def test_a_perfect_prediction_shows_a_slice_with_labels():
    grid, truth, predicted = pair(np.eye(4))
    assert 3 <= slice_of_most_disagreement(Volume(predicted, grid), Volume(truth, grid)).index < 9


@pytest.mark.parametrize("turned", [False, True])
def test_the_patients_right_is_on_the_left_in_true_proportions(a_card, turned):
    """A label on the patient's right in front, twice as wide as high in mm, on a grid of 1 by 3 mm pixels."""
    shape = (5, 20, 60)
    affine = np.diag([1.0, 3.0, 5.0, 1.0])
    array = np.zeros(shape, np.uint8)
    array[2, 12:16, 32:56] = 1  # R 32..55 of 60, A 12..15 of 20
    if turned:  # the same anatomy, stored in LPS
        affine = np.diag([-1.0, -3.0, 5.0, 1.0])
        affine[:2, 3] = 59.0, 57.0
        array = array[:, ::-1, ::-1].copy()
    grid = Grid(shape, affine)
    image = Volume(np.random.default_rng(0).normal(size=shape), grid)
    segments = (replace(a_card.segments[0], color_rgb=CYAN),)
    png = draw_disagreement(image, Volume(array, grid), [("prediction", Volume(array * 0, grid))], segments)
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    found = np.abs(picture - CYAN).sum(axis=2) < 60
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(2.0, rel=0.08)
    panel = picture.shape[1] / 2
    assert columns.max() < panel  # the prediction has no outline
    # 15 mm of margin all around, but only 4 mm are left of the image on the patient's right.
    assert columns.min() < panel - columns.max()


def test_volumes_of_one_slice_and_labels_nowhere_can_be_drawn(a_card):
    grid = Grid((1, 6, 5), np.eye(4))
    image = Volume(np.zeros((1, 6, 5)), grid)
    nothing = Volume(np.zeros((1, 6, 5), np.uint8), grid)
    everything = Volume(np.ones((1, 6, 5), np.uint8), grid)
    for truth in (nothing, everything):
        assert draw_disagreement(image, truth, [("prediction", nothing)], a_card.segments).startswith(b"\x89PNG")
