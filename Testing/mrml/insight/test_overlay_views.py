"""Overlays are drawn in slice views where they belong; the blended pixels are looked at."""

from __future__ import annotations

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("vtk")
from vtk.util.numpy_support import vtk_to_numpy  # noqa: E402

from Med3DInsightLib.mrml.insight.overlay_display import set_threshold_share  # noqa: E402
from Med3DInsightLib.mrml.insight.overlay_node import overwrite_voxels, show_overlay  # noqa: E402
from Med3DInsightLib.mrml.insight.overlay_views import hide_in_views, show_in_views  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node  # noqa: E402

from ..scenes import put_under  # noqa: E402
from .overlay_parts import SHAPE, SUBJECT, a_turned_transform, values_for  # noqa: E402


def brightness_in(view):
    """Brightness of the pixels as [row, column], the first row the lowest, of a 24 mm field of view in 96 pixels."""
    view.FitSliceToBackground()
    producer = view.GetImageDataConnection().GetProducer()
    producer.Update()
    image = producer.GetOutputDataObject(0)
    columns, rows, _ = image.GetDimensions()
    pixels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)
    return pixels[..., :3].astype(float).sum(-1)


@pytest.mark.parametrize("transformed", [False, True])
def test_a_bright_cube_is_seen_where_it_is_and_nowhere_else(a_core, a_cube, an_axial_view, transformed):
    if transformed:
        put_under(a_cube, a_turned_transform())
    values = np.zeros(SHAPE, np.float32)
    values[10:14, 3:9, 14:20] = 2.0
    node = show_overlay(a_cube, values, SUBJECT)
    assert show_in_views(node, a_cube, opacity=1.0) == 1
    an_axial_view.GetSliceNode().JumpSliceByOffsetting(*volume_from_node(a_cube).grid.ras_of([16.5, 5.5, 12.0]))
    bright = brightness_in(an_axial_view)
    seen = np.argwhere(bright > bright.max() / 2)
    # Axial views show the patient's right on the left: the column runs against R, the row along A.
    column_row = np.array([95 - 4 * 17.0, 4 * 6.0])
    if transformed:  # turned by 90 degrees about S: R becomes A, A becomes L
        column_row = np.array([4 * 6.0, 4 * 17.0])
    assert np.abs(seen.mean(0)[::-1] - column_row).max() < 2.5
    assert 24**2 <= len(seen) <= 32**2  # six voxels of four pixels, and where the border is interpolated
    hide_in_views(node)
    assert brightness_in(an_axial_view).max() == 0


def test_values_below_the_threshold_are_not_drawn(a_core, a_cube, an_axial_view):
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    show_in_views(node, a_cube, opacity=1.0)
    an_axial_view.SetSliceOffset(12.0)
    assert brightness_in(an_axial_view).max() > 0
    set_threshold_share(node, 0.9)
    assert brightness_in(an_axial_view).max() == 0


def test_a_view_that_shows_another_volume_is_left_alone(a_core, a_cube, an_axial_view, a_volume):
    other = node_from_volume(a_core.scene, a_volume, "other")
    an_axial_view.GetSliceCompositeNode().SetBackgroundVolumeID(other.GetID())
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    assert show_in_views(node, a_cube) == 0
    assert an_axial_view.GetSliceCompositeNode().GetForegroundVolumeID() is None


def test_what_the_user_had_in_the_foreground_comes_back_when_the_overlay_is_hidden(a_core, a_cube, an_axial_view):
    view, scene = an_axial_view.GetSliceCompositeNode(), a_core.scene
    lesions = node_from_volume(scene, volume_from_node(a_cube), "lesions")
    view.SetBackgroundVolumeID(a_cube.GetID())
    view.SetForegroundVolumeID(lesions.GetID())
    view.SetForegroundOpacity(0.3)
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    for opacity in (0.5, 0.8):  # such as by the slider
        show_in_views(node, a_cube, opacity)
    assert (view.GetForegroundVolumeID(), view.GetForegroundOpacity()) == (node.GetID(), 0.8)
    for _ in range(2):
        hide_in_views(node)
        assert (view.GetForegroundVolumeID(), view.GetForegroundOpacity()) == (lesions.GetID(), 0.3)

    show_in_views(node, a_cube)
    scene.RemoveNode(lesions)
    hide_in_views(node)
    assert view.GetForegroundVolumeID() is None


def test_an_overlay_of_another_volume_is_not_taken_for_what_the_user_had(a_core, a_cube, an_axial_view):
    view = an_axial_view.GetSliceCompositeNode()
    lesions, other = (node_from_volume(a_core.scene, volume_from_node(a_cube), name) for name in ("lesions", "other"))
    view.SetForegroundVolumeID(lesions.GetID())
    for volume in (a_cube, other):
        view.SetBackgroundVolumeID(volume.GetID())
        node = show_overlay(volume, values_for(volume), SUBJECT)
        show_in_views(node, volume)
    hide_in_views(node)
    assert view.GetForegroundVolumeID() == lesions.GetID()


def test_scrolling_is_seen_in_the_views(a_core, a_cube, an_axial_view):
    node = show_overlay(a_cube, np.zeros(SHAPE, np.float32), SUBJECT)
    show_in_views(node, a_cube, opacity=1.0)
    an_axial_view.SetSliceOffset(12.0)
    assert brightness_in(an_axial_view).max() == 0
    overwrite_voxels(node, a_cube, np.ones(SHAPE, np.float32), SUBJECT)
    assert brightness_in(an_axial_view).min() > 0
