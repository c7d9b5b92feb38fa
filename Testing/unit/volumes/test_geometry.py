"""Nothing is flipped, shifted or rotated on the way to the model grid and back, over all orders, tilts and spacings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from Med3DInsightLib.volumes import (
    Framing,
    IntensityRule,
    IntensityScale,
    Preparation,
    Recipe,
    Volume,
    VolumeError,
)

from .strategies import grids, one_hot

_RECIPE = Recipe("RAS", (2.0, 2.0, 2.0), {"default": IntensityRule(IntensityScale.WINDOW, 0, 1)}, (8, 8, 8))


def on_input(prepared, values_kji, order):
    """Values of the model grid on the input grid, by splines of an order: 0 takes the nearest, 1 is linear."""
    positions = np.meshgrid(*prepared.positions(), indexing="ij")
    return prepared.turn.undo(map_coordinates(values_kji, positions, order=order, mode="nearest"))


@settings(max_examples=300)
@given(grid=grids(), data=st.data())
def test_a_marker_on_the_model_grid_comes_back_within_half_a_voxel_of_its_position(grid, data):
    prepared = Preparation.of(Volume(np.zeros(grid.shape_kji, np.float32), grid), _RECIPE)
    inner = [
        data.draw(st.integers(-start, -start + size - 1))
        for start, size in zip(prepared.padding.start_kji, prepared.resampled_grid.shape_kji, strict=True)
    ]
    position_ras_mm = prepared.model_grid.ras_of(inner[::-1])

    back = on_input(prepared, one_hot(prepared.model_grid.shape_kji, tuple(inner)), order=0)

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
        back = on_input(prepared, prepared.array_kji, order=1) * 2000 - 1000
        # Beyond the last model voxel centre the value is repeated: up to half a model voxel per axis.
        assert np.abs(back - coordinate).max() <= 1.0 * np.sqrt(3) + 1e-2
        inside = _within(prepared, grid)
        assert np.abs(back - coordinate)[inside].max(initial=0.0) <= 1e-2


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
