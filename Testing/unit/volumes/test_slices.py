"""A slice is where it is, however the array is turned, tilted or sheared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from Med3DInsightLib.volumes import Grid, Reorientation, VolumeError
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES
from Med3DInsightLib.volumes.slices import (
    Plane,
    SlicePlace,
    centre_ras_mm,
    half_extent_mm,
    oblique_slices,
    slice_at,
    slice_axis,
    slice_of,
    slices_of,
)

from .strategies import grid_of, grids

anatomical = st.sampled_from([Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL])
normals = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda normal: np.linalg.norm(normal) > 0.1)


@st.composite
def sheared_grids(draw):
    """Grids whose axes need not be perpendicular, as from a tilted gantry."""
    grid = draw(grids())
    affine = grid.ijk_to_ras.copy()
    affine[:3, 2] += draw(st.floats(-0.5, 0.5)) * affine[:3, 1]
    return Grid(grid.shape_kji, affine)


def test_the_slices_of_a_straight_scan_are_at_the_coordinates_of_their_voxels():
    grid = grid_of("LPS", (3, 4, 5), (1.0, 2.0, 5.0))
    axial = slices_of(grid, Plane.AXIAL)
    assert [place.offset_ras_mm for place in axial] == [133.0, 138.0, 143.0]
    assert axial[2] == SlicePlace(Plane.AXIAL, (0.0, 0.0, 1.0), (9.0, -10.0, 143.0), 2, 3)
    assert [place.offset_ras_mm for place in slices_of(grid, Plane.SAGITTAL)] == [11.0, 10.0, 9.0, 8.0, 7.0]


@given(grid=sheared_grids(), plane=anatomical, data=st.data())
def test_every_voxel_of_a_slice_lies_in_its_plane(grid, plane, data):
    axis = slice_axis(grid, plane)
    index = data.draw(st.integers(0, grid.shape_ijk[axis] - 1))
    place = slice_of(grid, plane, index)
    k, j, i = np.meshgrid(*[np.arange(size) for size in grid.shape_kji], indexing="ij")
    voxels_ijk = np.stack([i, j, k], axis=-1).reshape(-1, 3)
    of_slice = voxels_ijk[voxels_ijk[:, axis] == index]
    distances_mm = (grid.ras_of(of_slice) - place.position_ras_mm) @ place.normal_ras
    assert np.abs(distances_mm).max() < 1e-6
    assert np.allclose(grid.ras_of(of_slice).mean(0), place.position_ras_mm, atol=1e-6)


@given(grid=sheared_grids(), plane=anatomical)
def test_slices_are_numbered_as_the_array_and_their_normal_points_right_anterior_or_superior(grid, plane):
    places = slices_of(grid, plane)
    axis = slice_axis(grid, plane)
    assert [place.index for place in places] == list(range(grid.shape_ijk[axis]))
    assert {place.count for place in places} == {len(places)}
    step_mm = np.diff([place.offset_ras_mm for place in places])
    across_mm = (
        grid.voxel_volume_ml
        * 1000
        / np.linalg.norm(np.cross(*[grid.ijk_to_ras[:3, other] for other in range(3) if other != axis]))
    )
    grows = 1 if grid.axis_codes[axis] in "RAS" else -1
    assert np.allclose(step_mm, grows * across_mm, atol=1e-6)


@given(grid=grids(), plane=anatomical, codes=st.sampled_from(ALL_AXIS_CODES), data=st.data())
def test_another_orientation_of_the_array_changes_the_number_of_a_slice_and_not_its_place(grid, plane, codes, data):
    turned = Reorientation.to(grid, codes).target
    index = data.draw(st.integers(0, grid.shape_ijk[slice_axis(grid, plane)] - 1))
    place = slice_of(grid, plane, index)
    flipped = grid.axis_codes[slice_axis(grid, plane)] not in codes
    same = slice_of(turned, plane, place.count - 1 - index if flipped else index)
    assert np.allclose(same.position_ras_mm, place.position_ras_mm, atol=1e-6)
    assert np.allclose(same.normal_ras, place.normal_ras, atol=1e-6)
    assert same.count == place.count


@given(grid=sheared_grids(), plane=anatomical, data=st.data())
def test_a_position_finds_the_slice_it_is_in(grid, plane, data):
    axis = slice_axis(grid, plane)
    index = data.draw(st.integers(0, grid.shape_ijk[axis] - 1))
    position_ijk = np.array([data.draw(st.floats(-20, 20)) for _ in range(3)])
    position_ijk[axis] = index + data.draw(st.floats(-0.49, 0.49))
    assert slice_at(grid, plane, grid.ras_of(position_ijk)) == slice_of(grid, plane, index)


@given(grid=sheared_grids(), normal=normals)
def test_the_field_of_view_reaches_from_its_centre_exactly_to_its_furthest_corner(grid, normal):
    normal = np.array(normal) / np.linalg.norm(normal)
    i, j, k = (np.array([-0.5, size - 0.5]) for size in grid.shape_ijk)
    corners = grid.ras_of(np.stack(np.meshgrid(i, j, k), axis=-1).reshape(-1, 3))
    reach_mm = (corners - centre_ras_mm(grid)) @ normal
    assert np.isclose(reach_mm.max(), half_extent_mm(grid, normal), atol=1e-6)
    assert np.isclose(-reach_mm.min(), half_extent_mm(grid, normal), atol=1e-6)


@given(grid=sheared_grids(), normal=normals, step_mm=st.floats(0.5, 10.0))
def test_oblique_slices_fill_the_field_of_view_evenly(grid, normal, step_mm):
    places = oblique_slices(grid, normal, step_mm)
    offsets_mm = [place.offset_mm(centre_ras_mm(grid)) for place in places]
    assert np.allclose(np.diff(offsets_mm), step_mm, atol=1e-6)
    assert np.isclose(sum(offsets_mm), 0, atol=1e-6)
    reach = half_extent_mm(grid, places[0].normal_ras)
    assert max(offsets_mm) <= reach
    assert len(places) == 1 or max(offsets_mm) + step_mm > reach - step_mm / 2
    assert np.dot(places[0].normal_ras, normal) > 0


@given(grid=grids(), plane=anatomical)
def test_both_normals_of_a_plane_tell_of_the_same_slice(grid, plane):
    place = slices_of(grid, plane)[-1]
    mirrored = replace(place, normal_ras=tuple(-part for part in place.normal_ras))
    assert mirrored.offset_ras_mm == -place.offset_ras_mm
    assert np.allclose(
        np.array(mirrored.normal_ras) * mirrored.offset_ras_mm, np.array(place.normal_ras) * place.offset_ras_mm
    )


@given(grid=grids(), plane=anatomical)
def test_a_place_survives_json_to_the_bit(grid, plane):
    adapter = TypeAdapter(SlicePlace)
    place = slices_of(grid, plane)[0]
    assert adapter.validate_json(adapter.dump_json(place)) == place


def test_slices_that_do_not_exist_are_refused_with_the_range():
    grid = grid_of("RAS", (3, 4, 5), (1.0, 1.0, 1.0))
    with pytest.raises(VolumeError, match="no axial slice 3. Choose one of 0 to 2"):
        slice_of(grid, Plane.AXIAL, 3)
    with pytest.raises(VolumeError, match="no axial slice -1"):
        slice_of(grid, Plane.AXIAL, -1)
    with pytest.raises(VolumeError, match="no sagittal slice 5"):
        slice_at(grid, Plane.SAGITTAL, grid.ras_of((5, 0, 0)))
    with pytest.raises(ValueError, match="not oblique"):
        slices_of(grid, Plane.OBLIQUE)
    with pytest.raises(ValueError, match="longer than 0"):
        oblique_slices(grid, (0, 0, 0), 1.0)
    with pytest.raises(ValueError, match="longer than 0"):
        oblique_slices(grid, (0, 0, 1), 0.0)
    with pytest.raises(ValueError, match="not of length 1"):
        SlicePlace(Plane.OBLIQUE, (0.0, 1.0, 1.0), (0.0, 0.0, 0.0), 0, 1)
    with pytest.raises(ValueError, match="not one of 0 to 4"):
        SlicePlace(Plane.AXIAL, (0.0, 0.0, 1.0), (0.0, 0.0, 0.0), 5, 5)
