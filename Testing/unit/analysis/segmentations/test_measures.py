"""Sizes, brightness and agreement are those of shapes whose answers are known, and those of MONAI."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.metrics import compute_hausdorff_distance, compute_surface_dice
from Testing.conftest import oblique_affine

from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.analysis.segmentations.comparison import compare
from Med3DInsightLib.analysis.segmentations.structure_statistics import structure_statistics
from Med3DInsightLib.volumes import Code, Grid, Interpolation, LabelLayer, Segment, Volume, VolumeError, resample

CODE = Code("123037004", "Anatomical Structure")
SEGMENTS = [Segment(value, f"structure {value}", (9, 9, 9), CODE, CODE) for value in (1, 2, 3)]


def layers(volume):
    return [LabelLayer(volume, {segment.label_value: segment.name for segment in SEGMENTS})]


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


def test_a_shifted_box_has_the_distance_it_was_shifted():
    grid = Grid((40, 40, 40), np.diag([1.0, 1.0, 2.0, 1.0]))
    labels, reference = np.zeros((2, 40, 40, 40), np.uint8)
    labels[10:30, 10:30, 10:30] = 1
    reference[13:33, 10:30, 10:30] = 1  # three slices of 2 mm further
    row, *_ = compare(layers(Volume(labels, grid)), layers(Volume(reference, grid)))
    assert row.dice == pytest.approx(17 / 20)
    assert row.hausdorff95_mm == pytest.approx(6.0)


def test_equal_missing_and_one_sided_structures():
    grid = Grid((8, 8, 8), np.eye(4))
    labels, reference = np.zeros((2, 8, 8, 8), np.uint8)
    labels[2:4, 2:4, 2:4] = reference[2:4, 2:4, 2:4] = 1
    labels[5:7, 5:7, 5:7] = 2
    equal, one_sided, missing = compare(layers(Volume(labels, grid)), layers(Volume(reference, grid)))
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
    row, *_ = compare(layers(first), layers(second), tolerance_mm=1.5)
    tensors = [torch.from_numpy(mask)[None, None].float() for mask in masks]
    spacing_kji = [float(mm) for mm in grid.spacing_ijk_mm[::-1]]
    hausdorff = compute_hausdorff_distance(*tensors, percentile=95, spacing=spacing_kji)
    surface = compute_surface_dice(*tensors, class_thresholds=[1.5], include_background=True, spacing=spacing_kji)
    assert row.hausdorff95_mm == pytest.approx(float(hausdorff), abs=1e-3)
    assert row.surface_dice == pytest.approx(float(surface), abs=1e-6)


@settings(max_examples=25)
@given(
    cut=st.tuples(*[st.tuples(st.integers(0, 3), st.integers(20, 24))] * 3),
    axes=st.permutations(range(3)),
    flips=st.tuples(*[st.booleans()] * 3),
)
def test_a_reference_cut_and_turned_is_the_same_reference(cut, axes, flips):
    grid = Grid((24, 24, 24), oblique_affine())
    first = Volume(a_ball(grid, (12, 11, 12), 6.0).astype(np.uint8), grid)
    second = Volume(a_ball(grid, (12, 12, 13), 6.0).astype(np.uint8), grid)
    expected = compare(layers(first), layers(second))
    assert 0.5 < expected[0].dice < 1
    assert compare(layers(first), layers(turned(second, cut, axes, flips))) == expected


def turned(volume, cut, axes, flips):
    """The same voxels at the same places in RAS, cut to a box, with other axes."""
    index = [slice(*ends) for ends in cut]
    array = volume.array_kji[tuple(index)]
    affine = volume.grid.ijk_to_ras.copy()
    affine[:3, 3] = volume.grid.ras_of([ends.start for ends in index][::-1])
    order = [2 - axis for axis in reversed(axes)]  # of the IJK axes
    array, affine = array.transpose(axes), affine[:, [*order, 3]]
    for axis, flip in enumerate(flips):
        if flip:
            affine[:3, 3] += affine[:3, 2 - axis] * (array.shape[axis] - 1)
            affine[:3, 2 - axis] *= -1
            array = np.flip(array, axis)
    return Volume(np.ascontiguousarray(array), Grid(array.shape, affine))


def test_a_finer_reference_is_brought_to_the_voxels_of_the_segmentation():
    coarse, fine = Grid((20, 20, 20), np.diag([2.0, 2.0, 2.0, 1.0])), Grid((39, 39, 39), np.eye(4))
    first = Volume(a_ball(coarse, (10, 10, 10), 12.0).astype(np.uint8), coarse)
    second = Volume(a_ball(fine, (20, 20, 20), 12.0).astype(np.uint8), fine)
    (row,) = compare([LabelLayer(first, {1: "ball"})], [LabelLayer(second, {1: "ball"})])
    (expected,) = compare(
        [LabelLayer(first, {1: "ball"})], [LabelLayer(resample(second, coarse, Interpolation.NEAREST), {1: "ball"})]
    )
    assert row == expected
    assert row.dice > 0.95


def test_names_decide_what_is_compared_and_nothing_in_common_is_told(a_volume):
    labels = a_volume.map(lambda array: np.ones(array.shape, np.uint8))
    first = [LabelLayer(labels, {1: "Liver", 2: "spleen"}), LabelLayer(labels, {1: "liver tumour"})]
    second = [LabelLayer(labels.map(lambda array: array + 6), {7: " liver TUMOUR"}), LabelLayer(labels, {1: "LIVER"})]
    assert [(row.name, row.dice) for row in compare(first, second)] == [("Liver", 1.0), ("liver tumour", 1.0)]
    with pytest.raises(VolumeError, match=r"no segment has the same name in both: spleen beside LIVER"):
        compare([LabelLayer(labels, {1: "spleen"})], second[1:])


def test_a_comparison_tells_how_far_it_is_and_stops_when_asked(a_volume):
    labels = a_volume.map(lambda array: np.ones(array.shape, np.uint8))
    both = [LabelLayer(labels, {1: "one"}), LabelLayer(labels, {1: "two"})]
    fractions, cancel = [], threading.Event()

    def tell(progress):
        fractions.append(progress.fraction)
        cancel.set()

    with pytest.raises(AnalysisCancelled):
        compare(both, both, progress=tell, cancel=cancel)
    cancel.clear()
    assert len(compare(both, both, progress=lambda progress: fractions.append(progress.fraction))) == 2
    assert fractions == [0.0, 0.0, 0.5]


def test_structures_metres_apart_are_refused_instead_of_filling_the_memory():
    near, far = (Volume(np.ones((4, 4, 4), np.uint8), Grid((4, 4, 4), affine)) for affine in (np.eye(4), away(5e4)))
    with pytest.raises(VolumeError, match="too far apart"):
        compare(layers(near), layers(far))


def away(mm):
    affine = np.eye(4)
    affine[:3, 3] = mm
    return affine
