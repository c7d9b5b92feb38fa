"""What lies over a slice lies where it is in the patient."""

from __future__ import annotations

import numpy as np
import pytest
from Testing.unit.export.report.parts import a_small_volume, pixels_of
from Testing.unit.volumes.strategies import grid_of, one_hot

from Med3DInsightLib.analysis.saliency.saliency_map import SaliencyMap
from Med3DInsightLib.analysis.slices.attention_choice import AttentionChoice
from Med3DInsightLib.analysis.slices.attention_stack import AttentionStack
from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.export.outline_colors import outline_colors
from Med3DInsightLib.export.report import ModelReference, ReportedMap, ReportPictures
from Med3DInsightLib.volumes import Code, Framing, Plane, Segment, SlicePlace, slice_at, slice_of
from Med3DInsightLib.volumes.slices import slice_axis

MODEL = ModelReference("m", "0" * 64)
TISSUE = Code("85756007", "Tissue")


def coloured(with_overlay, without):
    """Where two pictures differ, as rows and columns from 0 to 1."""
    places = np.argwhere((with_overlay != without).any(-1))
    return (places.mean(0) + 0.5) / with_overlay.shape[:2]


@pytest.mark.parametrize("codes", ["RAS", "LPS", "SAR", "ILP"])
def test_a_bright_voxel_is_where_radiologists_look_for_it(codes):
    """On the patient's right, in front and above, whatever the order of voxels in the file."""
    volume = a_small_volume(codes)
    grid = volume.grid
    along = {"R": 1, "L": -1, "A": 1, "P": -1, "S": 1, "I": -1}
    sizes = np.array(grid.shape_ijk)
    share = np.array([0.8 if along[code] > 0 else 0.2 for code in grid.axis_codes])
    i, j, k = np.floor(share * sizes).astype(int)
    reported = ReportedMap("x", "", MODEL, one_hot(grid.shape_kji, (k, j, i)).astype(np.float32), grid)
    pictures = ReportPictures(volume)
    for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL):
        place = slice_at(grid, plane, grid.ras_of((i, j, k)))
        drawn = pixels_of(pictures.overlay(place, reported.on_grid, 1.0))
        row, column = coloured(drawn, pixels_of(pictures.slice(place)))
        assert max(drawn.shape) == 360
        assert row < 0.35, plane  # anterior or superior
        assert column < 0.35, plane  # right, or anterior in sagittal pictures


def test_nothing_is_drawn_below_the_threshold():
    volume = a_small_volume()
    place = slice_of(volume.grid, Plane.AXIAL, 3)
    pictures = ReportPictures(volume)

    def everywhere(value):
        return lambda grid: np.full(grid.shape_kji, value, np.float32)

    assert pictures.overlay(place, everywhere(0.09), 1.0) == pictures.slice(place)
    assert pictures.overlay(place, everywhere(-0.09), -1.0) == pictures.slice(place)
    assert pictures.overlay(place, everywhere(0.09), 0.5) != pictures.slice(place)


def test_outlines_go_round_each_structure_in_its_colour():
    volume = a_small_volume()
    labels = np.zeros(volume.grid.shape_kji, np.uint8)
    labels[3, 2:8, 1:5], labels[3, 2:8, 7:11] = 1, 2
    segments = [Segment(value, str(value), (1, 2, 3), TISSUE, TISSUE) for value in (1, 2)]
    place = slice_of(volume.grid, Plane.AXIAL, 3)
    pictures = ReportPictures(volume)
    drawn = pixels_of(pictures.outlines(place, volume.with_array(labels), segments))
    columns = []
    for color in outline_colors(segments):
        rgb = tuple(bytes.fromhex(color[1:]))
        outline = (drawn == rgb).all(-1)
        rows, places = np.nonzero(outline)
        # Corners are rounded by half a voxel, which is 18 by 12 pixels.
        assert not outline[rows.min() + 18 : rows.max() - 18, places.min() + 12 : places.max() - 12].any()
        assert outline[rows.min() : rows.min() + 2].any(0).sum() > 0.5 * np.ptp(places)
        # 4 of 12 voxels wide, and 6 of 10 high
        assert np.ptp(places) / drawn.shape[1] == pytest.approx(4 / 12, abs=0.02)
        assert np.ptp(rows) / drawn.shape[0] == pytest.approx(6 / 10, abs=0.02)
        columns.append(places.mean())
    assert columns[0] > columns[1]  # I grows to the patient's right, which is on the left


def test_a_map_is_shown_where_it_is_strongest():
    grid = a_small_volume().grid
    reported = ReportedMap("Grad-CAM", "T1", MODEL, one_hot(grid.shape_kji, (2, 3, 4)).astype(np.float32), grid)
    assert [place.index for place in reported.shown_slices(grid)] == [2, 3, 4]
    assert np.allclose(reported.strongest_ras_mm, grid.ras_of((4, 3, 2)))


def test_a_slice_of_another_volume_is_refused():
    place = SlicePlace(Plane.AXIAL, (0.0, 0.0, 1.0), (0.0, 0.0, 0.0), 20, 30)
    with pytest.raises(CaptionError, match="is not a slice of this volume"):
        ReportPictures(a_small_volume()).slice(place)


def test_maps_are_brought_to_the_volume_as_their_results_bring_them():
    """Of an attention, which may end half a voxel before the volume, the border goes on; of a saliency it does not."""
    grid = a_small_volume().grid
    smaller = Framing.box(grid, (1, 1, 1), (6, 8, 10)).target
    values = np.random.default_rng(2).uniform(0.1, 1.0, size=smaller.shape_kji).astype(np.float32)
    place = slice_of(grid, Plane.AXIAL, 3)
    stack = AttentionStack((place,), values[None], smaller, AttentionChoice(), 1)
    saliency = SaliencyMap("T1", values, smaller)
    assert np.array_equal(ReportedMap.of_attention(stack, 3, MODEL).on_grid(grid), stack.map_of(3, grid))
    assert np.array_equal(ReportedMap.of_saliency("x", saliency, MODEL, place).on_grid(grid), saliency.on_grid(grid))
    assert not np.array_equal(saliency.on_grid(grid), stack.map_of(3, grid))


def test_a_coarse_map_is_the_same_on_one_slice_as_on_the_volume():
    volume = a_small_volume("SAR")
    coarse = grid_of("SAR", (2, 3, 3), (8.0, 10.0, 16.0))
    values = np.random.default_rng(2).uniform(size=coarse.shape_kji).astype(np.float32)
    reported = ReportedMap("attention", "", MODEL, values, coarse, choice=AttentionChoice())
    whole = reported.on_grid(volume.grid)
    assert (whole > 0).any()
    for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL):
        place = slice_of(volume.grid, plane, 1)
        asked = []
        ReportPictures(volume, 32).overlay(
            place, lambda grid, asked=asked: asked.append(grid) or reported.on_grid(grid), 1.0
        )
        axis = 2 - slice_axis(volume.grid, plane)
        assert np.allclose(reported.on_grid(asked[0]), whole.take([1], axis), atol=1e-6)
