"""Structures are measured in millimetres, and those that are missing somewhere follow clear rules."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from Testing.conftest import oblique_affine

from Med3DInsightLib.volumes import Code, Grid, Segment, Volume
from med3dtrain.evaluation.segmentation.measures import (
    Measure,
    Presence,
    dice_by_value,
    mean_over_structures,
    structure_scores,
)

CODE = Code("123037004", "Anatomical Structure")
SEGMENTS = (Segment(1, "twin", (9, 9, 9), CODE, CODE), Segment(2, "twin", (9, 9, 9), CODE, CODE))


def scores(predicted, truth, affine, tolerance_mm=1.0):
    grid = Grid(predicted.shape, affine)
    return structure_scores(Volume(predicted, grid), Volume(truth, grid), SEGMENTS, tolerance_mm)


def surface_mm(mask, affine):
    """Positions in mm of the voxels with a face neighbour outside, found one by one."""
    padded = np.pad(mask, 1)
    steps = np.vstack([np.eye(3, dtype=int), -np.eye(3, dtype=int)])
    at = [kji for kji in np.argwhere(padded) if not all(padded[tuple(kji + step)] for step in steps)]
    return (np.array(at)[:, ::-1] - 1) @ affine[:3, :3].T


@pytest.mark.parametrize("affine", [np.diag([0.7, 1.0, 4.0, 1.0]), oblique_affine()], ids=["anisotropic", "oblique"])
@pytest.mark.parametrize("tolerance_mm", [0.5, 2.0])
def test_the_scores_are_those_of_a_slow_count_over_all_pairs_of_surface_voxels(affine, tolerance_mm):
    generator = np.random.default_rng(3)
    shape = (7, 9, 8)
    at = np.indices(shape).reshape(3, -1).T
    masks = [
        (np.linalg.norm(at - generator.uniform(3, 5, 3), axis=1) + generator.normal(0, 0.3, len(at)) < 2.6).reshape(
            shape
        )
        for _ in range(2)
    ]
    found = scores(*(mask.astype(np.uint8) for mask in masks), affine, tolerance_mm)[0]
    distances = cdist(*(surface_mm(mask, affine) for mask in masks))
    there, back = distances.min(axis=1), distances.min(axis=0)
    assert found.dice == pytest.approx(2 * (masks[0] & masks[1]).sum() / (masks[0].sum() + masks[1].sum()))
    assert found.hausdorff95_mm == pytest.approx(max(np.percentile(there, 95), np.percentile(back, 95)), abs=1e-4)
    near = (there <= tolerance_mm).sum() + (back <= tolerance_mm).sum()
    assert found.surface_dice == pytest.approx(near / (there.size + back.size))
    assert found.truth_ml == pytest.approx(masks[1].sum() * abs(np.linalg.det(affine[:3, :3])) / 1000)


def test_a_slab_moved_by_one_thick_slice_is_as_far_away_as_the_slice_is_thick():
    truth, predicted = np.zeros((2, 12, 9, 9), np.uint8)
    truth[3:6, 2:7, 2:7] = 1
    predicted[4:7, 2:7, 2:7] = 1
    thick, thin = (scores(predicted, truth, np.diag([1.0, 1.0, mm, 1.0]))[0] for mm in (5.0, 0.5))
    assert (thick.hausdorff95_mm, thin.hausdorff95_mm) == (pytest.approx(5.0), pytest.approx(0.5))
    assert thin.surface_dice == 1.0 > thick.surface_dice
    assert thick.dice == thin.dice == pytest.approx(2 / 3)


def test_a_structure_that_is_missed_or_invented_has_dice_zero_and_no_distance():
    empty, full = np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)
    full[1:3, 1:3, 1:3] = 1
    missed, invented = scores(empty, full, np.eye(4))[0], scores(full, empty, np.eye(4))[0]
    assert (missed.presence, invented.presence) == (Presence.MISSED, Presence.INVENTED)
    for each in (missed, invented):
        assert (each.dice, each.surface_dice, each.hausdorff95_mm) == (0.0, 0.0, None)
    assert missed.value(Measure.VOLUME_DIFFERENCE_ML) == pytest.approx(-0.008)


def test_a_structure_that_is_nowhere_has_no_value_and_does_not_count_in_the_mean():
    labels = np.zeros((4, 4, 4), np.uint8)
    labels[1:3, 1:3, 1:3] = 1
    there, nowhere = scores(labels, labels, np.eye(4))
    assert nowhere.presence == Presence.NEITHER
    assert [nowhere.value(measure) for measure in Measure] == [None] * 4
    assert mean_over_structures((there, nowhere)) == there.dice == 1.0
    assert mean_over_structures((nowhere,)) is None


def test_structures_of_one_name_are_told_apart_by_their_values():
    truth = np.ones((3, 3, 3), np.uint8)
    predicted = np.ones((3, 3, 3), np.uint8)
    predicted[0] = 2
    first, second = scores(predicted, truth, np.eye(4))
    assert (first.dice, second.dice) == (pytest.approx(2 * 18 / 45), 0.0)


def test_dice_alone_is_the_same_dice():
    generator = np.random.default_rng(0)
    predicted, truth = generator.integers(0, 3, (2, 5, 6, 7)).astype(np.uint8)
    predicted[predicted == 2] = 0
    assert dice_by_value(predicted, truth, (1, 2)) == tuple(s.dice for s in scores(predicted, truth, np.eye(4)))
    assert dice_by_value(predicted, truth, (9,)) == (None,)
    with pytest.raises(ValueError, match="the prediction has shape"):
        dice_by_value(predicted[0], truth, (1,))


def test_other_grids_are_refused():
    one, other = (
        Volume(np.ones((3, 3, 3), np.uint8), Grid((3, 3, 3), np.diag([mm, 1.0, 1.0, 1.0]))) for mm in (1.0, 2.0)
    )
    with pytest.raises(ValueError, match="different grids"):
        structure_scores(one, other, SEGMENTS)
