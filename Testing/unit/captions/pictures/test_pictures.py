"""A picture shows its slice the way radiologists look at it, whatever the order of the voxels."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from Med3DInsightLib.captions import CaptionError, Window
from Med3DInsightLib.captions.pictures import RenderSettings, SliceRenderer
from Med3DInsightLib.volumes import Grid, Modality, Plane, Reorientation, Volume, slice_of, slices_of
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES
from Med3DInsightLib.volumes.slices import oblique_slices

from ...volumes.strategies import grid_of, grids
from ..parts import PLANES, a_trunk, coordinates_ras_mm, pixels_of, planes

_LEFT_AND_TOP = {Plane.AXIAL: (0, 1), Plane.CORONAL: (0, 2), Plane.SAGITTAL: (1, 2)}
"""The RAS axes that are seen from left to right (growing to the left, except A) and from bottom to top."""


def drawn(volume, place, longest_side=96):
    low, high = float(volume.array_kji.min()), float(volume.array_kji.max())
    settings = RenderSettings(longest_side, window=Window("all", low, max(high, low + 1)))
    return SliceRenderer(volume, settings).picture(place)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("codes", ALL_AXIS_CODES)
def test_a_marker_is_drawn_where_it_is_in_the_patient(codes, plane):
    """One bright voxel, off the centre in every direction; the grid has no two equal sizes or spacings."""
    in_ras = grid_of("RAS", (12, 16, 20), (1.5, 2.0, 2.5))
    place_ijk = (17, 12, 3)
    array = np.zeros(in_ras.shape_kji, np.float32)
    array[place_ijk[::-1]] = 100.0
    volume = Reorientation.to(in_ras, codes).volume(Volume(array, in_ras))
    marker_mm = in_ras.ras_of(place_ijk)
    place = min(slices_of(volume.grid, plane), key=lambda each: abs(each.offset_mm(marker_mm)))
    picture = drawn(volume, place)
    upper_left_mm = in_ras.ras_of(np.array(in_ras.shape_ijk) - 0.5)  # the corner that is most to R, A and S
    across, up = _LEFT_AND_TOP[plane]
    expected = (upper_left_mm - marker_mm)[[up, across]] / picture.pixel_mm - 0.5
    rows, columns = np.nonzero(pixels_of(picture) > 127)
    assert np.allclose([rows.mean(), columns.mean()], expected, atol=0.51)


@settings(max_examples=60)
@given(grid=grids(), plane=planes, data=st.data())
def test_on_oblique_grids_right_and_anterior_are_on_the_left_and_superior_is_up(grid, plane, data):
    place = data.draw(st.sampled_from(slices_of(grid, plane)))
    ras_mm = coordinates_ras_mm(grid)
    across, up = _LEFT_AND_TOP[plane]
    for axis, averaged in ((across, 0), (up, 1)):
        picture = drawn(Volume(ras_mm[..., axis].astype(np.float32), grid), place)
        means = pixels_of(picture).mean(axis=averaged)
        assert np.diff(means).max(initial=0.0) <= 0.26  # the mean of grey values that were rounded
        assert means[0] >= means[-1]


@settings(max_examples=30)
@given(
    codes=st.sampled_from(ALL_AXIS_CODES),
    plane=planes,
    shear=st.floats(-0.6, 0.6),
    spacing=st.tuples(*[st.floats(0.7, 2.5)] * 3),
)
def test_a_ball_is_round_in_every_plane_of_anisotropic_and_sheared_grids(codes, plane, shear, spacing):
    size = [int(60 / step) for step in spacing]
    grid = grid_of(codes, (size[2], size[1], size[0]), spacing)
    affine = grid.ijk_to_ras.copy()
    affine[:3, 2] += shear * spacing[2] * affine[:3, 1] / spacing[1]
    grid = Grid(grid.shape_kji, affine)
    middle_ijk = (np.array(grid.shape_ijk) - 1) / 2
    centre_mm = grid.ras_of(middle_ijk)
    distance_mm = np.linalg.norm(coordinates_ras_mm(grid) - centre_mm, axis=-1)
    volume = Volume(np.clip(13.0 - distance_mm, 0, 2).astype(np.float32), grid)  # soft edge at 12 mm
    place = min(slices_of(grid, plane), key=lambda each: abs(each.offset_mm(centre_mm)))
    picture = drawn(volume, place, longest_side=128)
    rows, columns = np.nonzero(pixels_of(picture) > 127)
    diameter = 24.0 / picture.pixel_mm
    assert np.ptp(rows) + 1 == pytest.approx(diameter, abs=3.0 / picture.pixel_mm)
    assert np.ptp(columns) + 1 == pytest.approx(diameter, abs=3.0 / picture.pixel_mm)
    about = np.hypot(rows - rows.mean(), columns - columns.mean())
    assert about.max() <= diameter / 2 + 1.5 / picture.pixel_mm
    assert max(picture.width, picture.height) == 128


def test_pixels_are_square_and_the_longest_side_is_the_one_asked_for():
    volume = Volume(np.random.default_rng(0).random((10, 40, 30)), grid_of("LPS", (10, 40, 30), (1.0, 1.0, 5.0)))
    renderer = SliceRenderer(volume, RenderSettings(longest_side=200))
    sizes = {plane: renderer.picture(slice_of(volume.grid, plane, 5)) for plane in PLANES}
    assert [(each.width, each.height) for each in sizes.values()] == [(150, 200), (120, 200), (160, 200)]
    assert sizes[Plane.AXIAL].pixel_mm == pytest.approx(40 / 200)
    assert sizes[Plane.CORONAL].pixel_mm == pytest.approx(50 / 200)


def test_a_picture_is_8_bit_grey_png_without_metadata():
    volume, _ = a_trunk()
    png = SliceRenderer(volume).picture(slice_of(volume.grid, Plane.AXIAL, 20)).png
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    kinds, position = [], 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        kinds.append(png[position + 4 : position + 8])
        position += 12 + length
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (max(width, height), depth, colour) == (448, 8, 0)


def test_the_same_slice_gives_the_same_bytes():
    volume, _ = a_trunk()
    place = slice_of(volume.grid, Plane.CORONAL, 30)
    assert SliceRenderer(volume).picture(place).png == SliceRenderer(volume).picture(place).png


def test_place_modality_and_window_go_with_the_picture():
    volume, _ = a_trunk()
    place = slice_of(volume.grid, Plane.AXIAL, 7)
    picture = SliceRenderer(volume).picture(place)
    assert picture.place == place
    assert picture.place.offset_ras_mm == 133.0 + 7 * 4.0
    assert picture.modality == Modality.CT
    assert picture.window == Window("soft tissue", -160.0, 240.0)


def test_mr_is_drawn_between_percentiles_of_the_volume_and_not_of_the_slice():
    grid = grid_of("LPS", (11, 8, 8), (1.0, 1.0, 1.0))
    array = np.repeat(np.arange(11.0)[:, None, None], 8, 1).repeat(8, 2) * 10
    renderer = SliceRenderer(Volume(array, grid, Modality.MR), RenderSettings(64, (0.0, 100.0)))
    dark, bright = (renderer.picture(slice_of(grid, Plane.AXIAL, index)) for index in (1, 10))
    assert dark.window == bright.window == Window("percentiles 0 to 100", 10.0, 100.0)
    assert (pixels_of(dark).max(), pixels_of(bright).min()) == (0.0, 255.0)


def test_a_slice_of_another_volume_is_refused():
    volume, _ = a_trunk()
    other = grid_of("LPS", (7, 60, 80), (1.0, 1.0, 1.0))
    with pytest.raises(CaptionError, match="axial slice 3 of 7 is not a slice of this volume"):
        SliceRenderer(volume).picture(slice_of(other, Plane.AXIAL, 3))
    with pytest.raises(CaptionError, match="oblique slice"):
        SliceRenderer(volume).picture(oblique_slices(volume.grid, (1, 1, 1), 2.0)[0])


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="0 pixels"):
        RenderSettings(longest_side=0)
    with pytest.raises(ValueError, match="not in order"):
        RenderSettings(percentiles=(99.0, 1.0))
    with pytest.raises(ValueError, match="low < high"):
        Window("none", 1.0, 1.0)
