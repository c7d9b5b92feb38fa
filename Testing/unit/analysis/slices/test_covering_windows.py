"""Windows cover a volume, lie on one lattice, and every slice is somewhere in them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from Med3DInsightLib.analysis.slices.covering_windows import CoveringWindows, aligned_starts
from Med3DInsightLib.volumes import Grid, IntensityRule, IntensityScale, Plane, Recipe, Volume, slices_of
from Med3DInsightLib.volumes.cells import cell_grid, faces_within, part_covering
from Med3DInsightLib.volumes.slices import slice_axis

from ...volumes.strategies import grids

PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
RECIPE = Recipe("RAS", (2.0, 2.0, 2.0), {"default": IntensityRule(IntensityScale.WINDOW, 0.0, 1.0)}, (8, 16, 12))


@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 16))
def test_starts_are_multiples_of_the_stride_and_leave_no_gap(cells, window_cells, stride):
    size, window = max(cells, window_cells) * stride, window_cells * stride
    starts = aligned_starts(size, window, stride)
    assert starts[0] == 0
    assert starts[-1] == size - window
    assert all(start % stride == 0 for start in starts)
    assert all(after - before <= window for before, after in pairwise(starts))


@settings(max_examples=30)
@given(grids(), st.sampled_from(["RAS", "LIA"]))
def test_every_slice_of_every_plane_is_in_a_window_with_all_its_area(grid, orientation):
    assume(np.prod(np.array(grid.shape_ijk) * grid.spacing_ijk_mm / 2 + 1) < 20000)
    windows = CoveringWindows.of(
        Volume(np.zeros(grid.shape_kji, np.float32), grid), replace(RECIPE, orientation=orientation), stride=4
    )
    places = [place for plane in PLANES for place in slices_of(grid, plane)]
    total = sum(windows.shares(window, places) for window in range(windows.count))
    low, high = faces_within(windows.grid, grid)
    seen = np.minimum(high, np.array(windows.grid.shape_ijk) - 0.5) - np.maximum(low, -0.5)
    of_axes = [float(np.prod(np.delete(seen / (high - low), slice_axis(windows.grid, plane)))) for plane in PLANES]
    least = np.repeat(of_axes, [len(slices_of(grid, plane)) for plane in PLANES])
    assert (total >= least - 1e-3).all()
    assert (total > 0).all()


@pytest.mark.parametrize(("voxels", "expected"), [(30, 1), (64, 1), (65, 1), (66, 8), (81, 8), (97, 8), (98, 27)])
def test_what_fits_into_a_patch_is_one_window(voxels, expected):
    """Of 64 mm; the middle of the last voxel may lie behind it by less than half a voxel of 2 mm."""
    grid = Grid((voxels,) * 3, np.eye(4))
    recipe = replace(RECIPE, patch_kji=(32, 32, 32))
    windows = CoveringWindows.of(Volume(np.zeros(grid.shape_kji, np.float32), grid), recipe, stride=16)
    assert windows.count == expected


def test_a_slice_between_two_windows_is_half_in_each():
    grid = Grid((8, 32, 12), np.diag([2.0, 2.0, 2.0, 1.0]))
    windows = CoveringWindows.of(Volume(np.zeros(grid.shape_kji, np.float32), grid), RECIPE, stride=4)
    assert windows.count == 3
    axial, coronal = slices_of(grid, Plane.AXIAL)[:1], slices_of(grid, Plane.CORONAL)
    assert [float(windows.shares(window, axial)[0]) for window in range(3)] == [0.5, 0.5, 0.5]
    middle = [windows.shares(window, coronal) for window in range(3)]
    assert [np.flatnonzero(shares).tolist() for shares in middle] == [
        list(range(16)),
        list(range(8, 24)),
        list(range(16, 32)),
    ]


def test_a_patch_that_tokens_do_not_fill_is_refused(a_volume):
    with pytest.raises(ValueError, match="not a multiple"):
        CoveringWindows.of(a_volume, RECIPE, stride=5)


def test_cells_lie_at_the_middle_of_their_voxels_and_are_cropped_to_a_volume():
    grid = Grid((8, 8, 8), np.diag([2.0, 2.0, 2.0, 1.0]))
    cells = cell_grid(grid, 4)
    assert cells.shape_kji == (2, 2, 2)
    assert cells.origin_ras_mm.tolist() == [3.0, 3.0, 3.0]
    inside = part_covering(cells, Grid((3, 3, 3), np.eye(4) @ np.diag([1.0, 1.0, 4.0, 1.0])))
    assert inside.target.shape_kji == (2, 1, 1)
    with pytest.raises(ValueError, match="do not cover"):
        cell_grid(grid, 3)
