"""Label maps are measured as they are meant, or refused with their names."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from Testing.training.evaluation.parts import GRID

from Med3DInsightLib.volumes import Grid, Volume, VolumeError, write_volume
from Med3DInsightLib.volumes.itk_image import image_from_volume
from med3dtrain.datasets.errors import DatasetError
from med3dtrain.datasets.truth import read_truth


@pytest.fixture
def segments(a_card):
    return a_card.segments


@pytest.fixture
def truth_of(tmp_path, segments):
    def read(array, grid=GRID):
        write_volume(Volume(array, grid), tmp_path / "map.nii.gz")
        return read_truth(tmp_path / "map.nii.gz", GRID, segments)

    return read


def some_labels(shape=GRID.shape_kji):
    return np.random.default_rng(0).integers(0, 3, shape).astype(np.uint8)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32, np.float64])
def test_whole_numbers_of_any_type_are_labels(truth_of, kind):
    found = truth_of(some_labels().astype(kind))
    assert np.array_equal(found.labels.array_kji, some_labels())
    assert found.notices == ()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (7, r"map.nii.gz: holds the value 7, which the model does not know. Use 0 background, 1 grey matter"),
        (0.5, "numbers that are not whole"),
        (-1, "values outside 0 to 65535"),
        (1e9, "values outside 0 to 65535"),
    ],
)
def test_other_values_are_told_with_the_file(truth_of, value, said):
    labels = some_labels().astype(np.float32)
    labels[3, 4, 5] = value
    with pytest.raises(DatasetError, match=said):
        truth_of(labels)


def test_a_nan_is_refused(tmp_path, segments):
    labels = some_labels().astype(np.float32)
    labels[3, 4, 5] = np.nan
    sitk.WriteImage(image_from_volume(Volume(labels, GRID)), tmp_path / "map.nii.gz")
    with pytest.raises(VolumeError, match=r"map.nii.gz: 1 voxels are NaN"):
        read_truth(tmp_path / "map.nii.gz", GRID, segments)


def test_a_map_that_was_cut_is_put_back_in_its_place_with_a_notice(truth_of):
    affine = GRID.ijk_to_ras.copy()
    affine[:3, 3] = GRID.ras_of([2, 3, 4])
    found = truth_of(some_labels()[4:, 3:, 2:].copy(), Grid((6, 9, 12), affine))
    expected = some_labels()
    expected[:4] = expected[:, :3] = expected[:, :, :2] = 0
    assert np.array_equal(found.labels.array_kji, expected)
    (notice,) = found.notices
    ml = np.count_nonzero(expected) * 0.012
    assert f"({ml:.4g} ml are labelled, {ml:.4g} ml in the image)" in notice


def test_what_lies_outside_the_image_is_told(truth_of):
    affine = GRID.ijk_to_ras.copy()
    affine[:3, 3] = GRID.ras_of([0, 0, 5])
    (notice,) = truth_of(np.ones(GRID.shape_kji, np.uint8), Grid(GRID.shape_kji, affine)).notices
    assert f"({1680 * 0.012:.4g} ml are labelled, {840 * 0.012:.4g} ml in the image)" in notice


def test_a_map_of_another_place_is_refused(truth_of):
    affine = GRID.ijk_to_ras.copy()
    affine[:3, 3] = 500.0
    with pytest.raises(DatasetError, match=r"map.nii.gz: does not overlap its image"):
        truth_of(some_labels(), Grid(GRID.shape_kji, affine))
