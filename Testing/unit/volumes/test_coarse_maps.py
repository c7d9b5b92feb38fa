"""A coarse map reaches the grid of a volume where ITK would bring it, whatever the axes are called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.volumes import Grid, Reorientation, Volume, resample
from Med3DInsightLib.volumes.coarse_maps import map_on_grid
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES

from .strategies import grids


@st.composite
def parallel_pairs(draw):
    """A grid of any tilt and, with parallel axes of any order and direction, one that overlaps it in any place."""
    source = draw(grids())
    turned = Reorientation.to(source, draw(st.sampled_from(ALL_AXIS_CODES))).target
    factors = [draw(st.floats(0.1, 2.0)) for _ in range(3)]
    affine = turned.ijk_to_ras.copy()
    affine[:3, :3] *= factors
    affine[:3, 3] = turned.ras_of([draw(st.floats(-1.9, 1.9)) for _ in range(3)])
    return source, Grid(tuple(draw(st.integers(1, 14)) for _ in range(3)), affine)


def values_on(grid, seed):
    return np.random.default_rng(seed).random(grid.shape_kji, dtype=np.float32)


def is_clearly_inside_or_outside(grid, target):
    """Voxels of target that do not lie on the outer faces of grid, where rounding decides in ITK."""
    at_k, at_j, at_i = np.indices(target.shape_kji)
    positions = grid.ijk_of(target.ras_of(np.stack([at_i, at_j, at_k], -1)))
    past_the_faces = np.abs(positions - (np.array(grid.shape_ijk) - 1) / 2) - np.array(grid.shape_ijk) / 2
    return (np.abs(past_the_faces) > 1e-3).all(-1)


@given(parallel_pairs(), st.integers(0, 1000))
def test_a_map_is_where_itk_interpolates_it(pair, seed):
    source, target = pair
    values = values_on(source, seed)
    found = map_on_grid(values, source, target)
    expected = resample(Volume(values, source), target).array_kji
    certain = is_clearly_inside_or_outside(source, target)
    assert found.dtype == np.float32
    assert np.abs(found - expected)[certain].max(initial=0.0) < 2e-4


@given(grids(), grids(), st.integers(0, 1000))
def test_axes_that_are_not_parallel_are_resampled(source, target, seed):
    values = values_on(source, seed)
    found = map_on_grid(values, source, target)
    expected = resample(Volume(values, source), target).array_kji
    certain = is_clearly_inside_or_outside(source, target)
    assert np.abs(found - expected)[certain].max(initial=0.0) < 2e-4


def test_what_is_linear_in_space_stays_so_between_the_outer_cells():
    source = Grid((6, 7, 8), np.diag([8.0, 8.0, 8.0, 1.0]))
    turn = Reorientation.to(Grid((40, 30, 20), np.diag([1.0, 1.0, 1.0, 1.0])), "PIR")
    at_k, at_j, at_i = np.indices(source.shape_kji)
    ramp = (source.ras_of(np.stack([at_i, at_j, at_k], -1)) @ [1.0, 2.0, 3.0]).astype(np.float32)
    found = map_on_grid(ramp, source, turn.target)
    at_k, at_j, at_i = np.indices(turn.target.shape_kji)
    expected = turn.target.ras_of(np.stack([at_i, at_j, at_k], -1)) @ [1.0, 2.0, 3.0]
    assert np.abs(found - expected).max() < 1e-3


def test_beyond_the_outer_faces_there_is_nothing():
    source = Grid((2, 2, 2), np.diag([4.0, 4.0, 4.0, 1.0]))
    target = Grid((1, 1, 9), np.array([[1.0, 0, 0, -3.0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    assert map_on_grid(np.ones((2, 2, 2), np.float32), source, target)[0, 0].tolist() == [0.0] + [1.0] * 8


def test_with_a_border_the_outermost_values_are_repeated_beyond():
    source = Grid((1, 1, 2), np.diag([4.0, 4.0, 4.0, 1.0]))
    target = Grid((1, 1, 14), np.array([[1.0, 0, 0, -7.0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    found = map_on_grid(np.array([[[2.0, 4.0]]], np.float32), source, target, border_voxel=1)[0, 0]
    assert found.tolist() == [0.0] + [2.0] * 7 + [2.5, 3.0, 3.5, 4.0, 4.0, 4.0]


def test_a_map_of_another_shape_is_refused():
    grid = Grid((2, 2, 2), np.eye(4))
    with pytest.raises(ValueError, match="shape"):
        map_on_grid(np.zeros((2, 2, 3), np.float32), grid, grid)
