"""Grids keep their place when axes are turned, in other frames and in ITK."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.volumes import Grid, Reorientation, Volume, VolumeError
from Med3DInsightLib.volumes.itk_image import image_from_volume, volume_from_image
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES

from .strategies import grid_of, grids, one_hot


def test_there_are_48_orientations():
    assert len(set(ALL_AXIS_CODES)) == 48


@pytest.mark.parametrize("codes", ALL_AXIS_CODES)
def test_axis_codes_name_the_directions_of_the_axes(codes):
    assert grid_of(codes, (2, 3, 4), (1.0, 2.0, 3.0)).axis_codes == codes


@pytest.mark.parametrize("source", ALL_AXIS_CODES)
@pytest.mark.parametrize("target", ["RAS", "LPS", "AIR"])
def test_reorientation_moves_voxels_but_not_their_positions(source, target):
    grid = grid_of(source, (3, 4, 5), (0.7, 1.9, 4.1))
    turn = Reorientation.to(grid, target)
    ids = np.arange(60).reshape(3, 4, 5)

    turned = turn.apply(ids)

    assert turn.target.axis_codes == target
    assert np.array_equal(turn.undo(turned), ids)
    for identity in (0, 17, 59):
        before = grid.ras_of(np.argwhere(ids == identity)[0][::-1])
        after = turn.target.ras_of(np.argwhere(turned == identity)[0][::-1])
        assert np.allclose(before, after, atol=1e-9)


@given(grid=grids(), target=st.sampled_from(ALL_AXIS_CODES))
def test_reorientation_of_oblique_grids_is_undone_to_the_bit(grid, target):
    turn = Reorientation.to(grid, target)
    array = np.random.default_rng(0).integers(0, 99, (2, *grid.shape_kji))
    assert np.array_equal(turn.undo(turn.apply(array)), array)
    far_ijk = np.array(turn.target.shape_ijk) - 1
    voxel = np.zeros(grid.shape_kji)
    voxel[turn.undo(one_hot(turn.target.shape_kji, tuple(far_ijk[::-1]))) > 0] = 1
    assert np.allclose(grid.ras_of(np.argwhere(voxel)[0][::-1]), turn.target.ras_of(far_ijk), atol=1e-6)


@given(grid=grids())
def test_the_affine_survives_a_round_trip_through_an_itk_image(grid):
    volume = Volume(np.zeros(grid.shape_kji, np.uint8), grid)
    back = volume_from_image(image_from_volume(volume)).grid
    assert np.abs(back.ijk_to_ras - grid.ijk_to_ras).max() <= 1e-4


@given(grid=grids(), position=st.tuples(*[st.floats(-50, 50)] * 3))
def test_positions_survive_a_round_trip_between_frames(grid, position):
    assert np.allclose(grid.ras_of(grid.ijk_of(position)), position, atol=1e-6)


@pytest.mark.parametrize(
    ("affine", "message"),
    [
        (np.diag([1.0, 0.0, 1.0, 1.0]), "spacing of an axis is 0"),
        (np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]), "singular"),
        (np.full((4, 4), np.nan), "not a finite"),
    ],
)
def test_a_grid_without_a_usable_affine_is_refused(affine, message):
    with pytest.raises(VolumeError, match=message):
        Grid((2, 2, 2), affine)


def test_a_grid_with_an_empty_axis_is_refused():
    with pytest.raises(VolumeError, match="at least one voxel"):
        Grid((2, 0, 2), np.eye(4))
