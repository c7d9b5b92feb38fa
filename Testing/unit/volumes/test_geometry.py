"""Nothing is flipped, shifted or rotated: properties over all orders, flips, tilts and spacings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from Med3DInsightLib.volumes import (
    Framing,
    Grid,
    IntensityRule,
    IntensityScale,
    Interpolation,
    Preparation,
    Recipe,
    Reorientation,
    Volume,
    VolumeError,
    grid_with_spacing,
    resample,
    resample_parallel,
)
from Med3DInsightLib.volumes.itk_image import image_from_volume, volume_from_image
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES
from Med3DInsightLib.volumes.separable import positions_along_axes

from .strategies import grid_of, grids

_RECIPE = Recipe("RAS", (2.0, 2.0, 2.0), {"default": IntensityRule(IntensityScale.WINDOW, 0, 1)}, (8, 8, 8))


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
    voxel[turn.undo(_one_hot(turn.target.shape_kji, tuple(far_ijk[::-1]))) > 0] = 1
    assert np.allclose(grid.ras_of(np.argwhere(voxel)[0][::-1]), turn.target.ras_of(far_ijk), atol=1e-6)


@given(grid=grids())
def test_the_affine_survives_a_round_trip_through_an_itk_image(grid):
    volume = Volume(np.zeros(grid.shape_kji, np.uint8), grid)
    back = volume_from_image(image_from_volume(volume)).grid
    assert np.abs(back.ijk_to_ras - grid.ijk_to_ras).max() <= 1e-4


@given(grid=grids(), position=st.tuples(*[st.floats(-50, 50)] * 3))
def test_positions_survive_a_round_trip_between_frames(grid, position):
    assert np.allclose(grid.ras_of(grid.ijk_of(position)), position, atol=1e-6)


@settings(max_examples=300)
@given(grid=grids(), data=st.data())
def test_a_marker_on_the_model_grid_comes_back_within_half_a_voxel_of_its_position(grid, data):
    prepared = Preparation.of(Volume(np.zeros(grid.shape_kji, np.float32), grid), _RECIPE)
    inner = [
        data.draw(st.integers(-start, -start + size - 1))
        for start, size in zip(prepared.padding.start_kji, prepared.resampled_grid.shape_kji, strict=True)
    ]
    position_ras_mm = prepared.model_grid.ras_of(inner[::-1])

    back = prepared.labels_to_input(_one_hot(prepared.model_grid.shape_kji, tuple(inner)))

    assert back.shape == grid.shape_kji
    found_ijk = np.argwhere(back)[:, ::-1]
    if found_ijk.size == 0:  # an input that is coarser than the model grid has no voxel there
        assert (grid.spacing_ijk_mm > 2.0).any()
        return
    off_mm = np.abs((found_ijk.mean(0) - grid.ijk_of(position_ras_mm)) * grid.spacing_ijk_mm)
    # Half a voxel of the coarser of the two grids; the last voxel may reach over the edge by as much.
    turned_axes = ["RLAPSI".index(code) // 2 for code in grid.axis_codes]
    model_mm = np.array([2.0, 2.0, 2.0])[turned_axes]
    assert (off_mm <= 0.5 * np.maximum(grid.spacing_ijk_mm, model_mm) + 1e-6).all()


@given(grid=grids())
def test_linear_positions_are_exact_after_preparation_and_back(grid):
    """A volume that holds its own R, A or S coordinate keeps it, where the grid was not cut short."""
    for axis in range(3):
        at_k, at_j, at_i = np.meshgrid(*[np.arange(size) for size in grid.shape_kji], indexing="ij")
        coordinate = grid.ras_of(np.stack([at_i, at_j, at_k], -1))[..., axis].astype(np.float32)
        recipe = Recipe("RAS", (2.0, 2.0, 2.0), {"default": IntensityRule(IntensityScale.WINDOW, -1e3, 1e3)}, (8, 8, 8))
        prepared = Preparation.of(Volume(coordinate, grid), recipe)
        back = prepared.map_to_input(prepared.array_kji) * 2000 - 1000
        # Beyond the last model voxel centre the value is repeated: up to half a model voxel per axis.
        assert np.abs(back - coordinate).max() <= 1.0 * np.sqrt(3) + 1e-2
        inside = _within(prepared, grid)
        assert np.abs(back - coordinate)[inside].max(initial=0.0) <= 1e-2


@given(grid=grids(), data=st.data())
def test_feature_maps_keep_their_place(grid, data):
    """A map of model-grid coordinates averaged into 4-voxel blocks still tells the position."""
    prepared = Preparation.of(Volume(np.zeros(grid.shape_kji, np.float32), grid), _RECIPE)
    blocks = [size - size % 4 for size in prepared.model_grid.shape_kji]
    if blocks != list(prepared.model_grid.shape_kji):
        return
    along = data.draw(st.integers(0, 2))
    ramp = np.arange(blocks[along], dtype=np.float32)
    field = np.broadcast_to(ramp.reshape([-1 if axis == along else 1 for axis in range(3)]), blocks)
    features = field.reshape(blocks[0] // 4, 4, blocks[1] // 4, 4, blocks[2] // 4, 4).mean((1, 3, 5))
    fine = prepared.map_to_input(field)
    coarse = prepared.map_to_input(features[None])[0]
    middle = (fine > 1.5) & (fine < blocks[along] - 2.5)
    assert np.abs(coarse - fine)[middle].max(initial=0.0) < 1e-3


@given(grid=grids(), start=st.tuples(*[st.integers(-4, 3)] * 3), shape=st.tuples(*[st.integers(1, 15)] * 3))
def test_framing_keeps_positions_and_gives_back_what_it_covered(grid, start, shape):
    frame = Framing.box(grid, start, shape)
    array = np.random.default_rng(1).integers(1, 99, grid.shape_kji)
    boxed = frame.apply(array)
    assert boxed.shape == shape
    assert np.allclose(frame.target.origin_ras_mm, grid.ras_of(np.array(start[::-1])), atol=1e-9)
    covered = frame.undo(np.ones(shape, int)) == 1
    assert np.array_equal(frame.undo(boxed), np.where(covered, array, 0))


def test_cropping_to_the_foreground_keeps_all_of_it(a_volume):
    array = np.zeros(a_volume.grid.shape_kji, np.float32)
    array[4:9, 5:7, 20:25] = 3.0
    frame = Framing.to_foreground(a_volume.with_array(array), threshold=1.0, margin_voxel=1)
    assert frame.target.shape_kji == (7, 4, 7)
    assert np.array_equal(frame.undo(frame.apply(array)), array)
    with pytest.raises(VolumeError, match="no voxel is above"):
        Framing.to_foreground(a_volume.with_array(np.zeros_like(array)), threshold=1.0)


@given(grid=grids())
def test_padding_reaches_the_patch_size_and_is_undone_to_the_bit(grid):
    frame = Framing.at_least(grid, (8, 9, 10))
    array = np.random.default_rng(2).normal(size=grid.shape_kji)
    assert all(have >= want for have, want in zip(frame.target.shape_kji, (8, 9, 10), strict=True))
    assert np.array_equal(frame.undo(frame.apply(array)), array)


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


def _one_hot(shape, place):
    array = np.zeros(shape, np.uint8)
    array[place] = 1
    return array


def _within(prepared, grid):
    """Input voxels whose surrounding model voxels all have their centres within the input.

    Elsewhere the input's border values are repeated, and so a ramp is not a ramp.
    """
    at_k, at_j, at_i = np.meshgrid(*[np.arange(size) for size in grid.shape_kji], indexing="ij")
    there = prepared.resampled_grid.ijk_of(grid.ras_of(np.stack([at_i, at_j, at_k], -1)))
    above = np.ceil(there - 1e-6)
    exists = (above <= np.array(prepared.resampled_grid.shape_ijk) - 1).all(-1)
    in_input = grid.ijk_of(prepared.resampled_grid.ras_of(above))
    return exists & ((in_input > -1e-6) & (in_input < np.array(grid.shape_ijk) - 1 + 1e-6)).all(-1)
