"""Resampling keeps positions and values, along parallel axes and in general."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.volumes import Grid, Interpolation, Volume, grid_with_spacing, resample, resample_parallel
from Med3DInsightLib.volumes.separable import positions_along_axes

from .strategies import grids


@given(grid=grids(), spacing=st.tuples(*[st.floats(0.5, 5.0)] * 3))
def test_a_new_spacing_keeps_the_first_voxel_and_covers_the_rest(grid, spacing):
    other = grid_with_spacing(grid, spacing)
    assert np.allclose(other.spacing_ijk_mm, spacing)
    assert np.allclose(other.origin_ras_mm, grid.origin_ras_mm)
    last_mm = (
        np.abs(other.ijk_of(grid.ras_of(np.array(grid.shape_ijk) - 1)) - (np.array(other.shape_ijk) - 1)) * spacing
    )
    assert (last_mm <= np.array(spacing) / 2 + 1e-6).all()


@given(grid=grids(), spacing=st.tuples(*[st.floats(0.5, 5.0)] * 3))
def test_every_new_voxel_is_nearest_to_some_voxel_unless_these_are_coarser(grid, spacing):
    _assert_every_new_voxel_is_used(grid, spacing)


@pytest.mark.parametrize("size", [4, 8, 10, 22, 256])
@pytest.mark.parametrize("spacing_mm", [1 / 3, 1.0])
def test_no_new_voxel_is_added_where_the_old_ones_end_half_way(size, spacing_mm):
    """A third of a millimetre or 1 mm to 2 mm, at many tilts, since a rounding error decides at some of them."""
    for degrees in range(90):
        tilt = np.deg2rad(degrees)
        affine = np.eye(4)
        affine[:3, :3] = [[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]]
        affine[:3, :3] *= spacing_mm
        _assert_every_new_voxel_is_used(Grid((size, size, size), affine), (2.0, 2.0, 2.0))


def _assert_every_new_voxel_is_used(grid, spacing):
    other = grid_with_spacing(grid, spacing)
    for along, size, old, new in zip(
        positions_along_axes(grid, other), other.shape_ijk[::-1], grid.spacing_ijk_mm[::-1], spacing[::-1], strict=True
    ):
        if old <= new:
            assert set(np.rint(np.clip(along, 0, size - 1)).astype(int)) == set(range(size))


def test_labels_are_resampled_by_nearest_neighbour_and_keep_their_type(a_volume):
    labels = a_volume.with_array((a_volume.array_kji > 0).astype(np.uint8) * 7)
    moved = resample(labels, grid_with_spacing(labels.grid, (0.6, 0.6, 0.6)), Interpolation.NEAREST)
    assert moved.array_kji.dtype == np.uint8
    assert set(np.unique(moved.array_kji)) <= {0, 7}


def test_antialiasing_averages_what_a_coarse_grid_cannot_show():
    noise = np.random.default_rng(3).normal(size=(32, 32, 32)).astype(np.float32)
    volume = Volume(noise, Grid((32, 32, 32), np.eye(4)))
    coarse = grid_with_spacing(volume.grid, (4.0, 4.0, 4.0))
    plain, smooth = resample_parallel(volume, coarse), resample_parallel(volume, coarse, antialias=True)
    assert smooth.array_kji.std() < 0.3 * plain.array_kji.std()
    assert np.abs(smooth.array_kji.mean()) < 0.1


@given(grid=grids(), spacing=st.tuples(*[st.floats(0.5, 5.0)] * 3))
def test_interpolation_axis_by_axis_gives_what_itk_gives(grid, spacing):
    array = np.random.default_rng(4).normal(size=grid.shape_kji).astype(np.float32)
    other = grid_with_spacing(grid, spacing)
    ours, itk = (method(Volume(array, grid), other).array_kji for method in (resample_parallel, resample))
    # ITK interpolates only between voxel centres; beyond the last one it returns the nearest voxel or 0.
    last_ijk = grid.ijk_of(other.ras_of(np.stack(np.indices(other.shape_kji)[::-1], -1)))
    inside = (last_ijk <= np.array(grid.shape_ijk) - 1 + 1e-6).all(-1)
    assert np.abs(ours - itk)[inside].max() <= 1e-4


def test_antialiasing_keeps_a_constant_and_the_place_of_a_ball():
    for size in (1, 5, 33):
        volume = Volume(np.full((size,) * 3, 7, np.int16), Grid((size,) * 3, np.eye(4)))
        coarse = grid_with_spacing(volume.grid, (2.5, 3.0, 4.0))
        assert np.allclose(resample_parallel(volume, coarse, antialias=True).array_kji, 7.0, atol=1e-5)
    at = np.indices((33, 33, 33)) - 16.0
    ball = Volume(((at**2).sum(0) < 64).astype(np.uint8), Grid((33, 33, 33), np.eye(4)))
    smooth = resample_parallel(ball, grid_with_spacing(ball.grid, (2.0, 2.0, 2.0)), antialias=True).array_kji
    centre_kji = [(np.indices(smooth.shape)[axis] * smooth).sum() / smooth.sum() for axis in range(3)]
    assert np.allclose(centre_kji, 8.0, atol=1e-3)


def test_grids_that_are_not_parallel_are_refused(a_volume):
    with pytest.raises(ValueError, match="not parallel"):
        resample_parallel(a_volume, Grid((4, 4, 4), np.eye(4)))


def test_numbers_too_small_for_itk_do_not_disturb_the_geometry():
    affine = np.diag([3.0, 1.0, 1.0, 1.0])
    affine[0, 1], affine[1, 0] = -4e-303, 1e-302
    volume = Volume(np.array([[[0.0, 3.0]]], np.float32), Grid((1, 1, 2), affine))
    assert resample(volume, grid_with_spacing(volume.grid, (1.5, 1.0, 1.0))).array_kji.tolist() == [[[0.0, 1.5, 3.0]]]


@pytest.mark.parametrize("kind", ["bool", "float16", ">i2", ">f4", "uint8", "int64", "float64"])
def test_every_numeric_type_can_be_resampled(kind):
    volume = Volume(np.ones((4, 4, 4)).astype(kind), Grid((4, 4, 4), np.eye(4)))
    assert (resample(volume, grid_with_spacing(volume.grid, (0.5, 0.5, 0.5))).array_kji == 1).all()


def test_outside_the_volume_the_result_is_zero():
    volume = Volume(np.ones((4, 4, 4), np.float32), Grid((4, 4, 4), np.eye(4)))
    shifted = np.eye(4)
    shifted[0, 3] = 10.0
    assert not resample(volume, Grid((4, 4, 4), shifted)).array_kji.any()
