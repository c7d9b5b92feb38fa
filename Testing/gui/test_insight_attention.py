"""Attention in the slice views: in the right place, following the slice, drawn as the sliders say."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from PySide6 import QtCore, QtGui
from Testing.conftest import oblique_affine
from Testing.unit.analysis.slices.parts import dim_volume, with_bright_cube
from Testing.unit.insight_bundles import a_brightest_token_bundle, a_classifier_bundle, an_encoder_bundle

from Med3DInsightLib.mrml.images import array_of
from Med3DInsightLib.mrml.insight.overlay_node import overlay_of
from Med3DInsightLib.mrml.insight.overlay_subject import subject_of
from Med3DInsightLib.mrml.insight.slice_views import jump_to
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Grid, Plane, slice_at

from .insight_steps import analyse, choose, choose_bundle, open_sections, slice_index, type_text
from .panel_steps import click, wait_until

TOKEN_MM = 8.0
GRIDS = {"upright": Grid((48, 56, 52), np.diag([1.0, 1.0, 1.0, 1.0])), "tilted": Grid((40, 50, 44), oblique_affine())}


def a_view_of(desktop, panel_module, volume, name="cube"):
    """The panel and the node of a volume that all slice views show."""
    node = node_from_volume(slicer.mrmlScene, volume, name)
    slicer.util.setSliceViewerLayers(background=node)
    panel = desktop.show(panel_module)
    desktop.add_views().resetSliceViews()
    desktop.process_events()
    return panel, node


def view_node(name):
    return slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode()


def pixels_of(name):
    """What a slice view shows, without the colour legend at its right: [row, column, RGB]."""
    pixels = slicer.app.layoutManager().sliceWidget(name).widget.pixels().astype(int)
    return pixels[:, : int(0.8 * pixels.shape[1])]


def coloured(pixels):
    return np.ptp(pixels, axis=-1) > 40


def turn_wheel(desktop, name, steps=1):
    widget = slicer.app.layoutManager().sliceWidget(name).widget
    for _ in range(steps):
        middle = QtCore.QPointF(QtCore.QPoint(widget.width // 2, widget.height // 2))
        event = QtGui.QWheelEvent(
            middle,
            middle,
            QtCore.QPoint(),
            QtCore.QPoint(0, 120),
            QtCore.Qt.NoButton,
            QtCore.Qt.NoModifier,
            QtCore.Qt.NoScrollPhase,
            False,
        )
        QtCore.QCoreApplication.sendEvent(widget, event)
        desktop.process_events()


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_a_bright_cube_is_where_attention_is_drawn(a_desktop_with_views, an_insight_module, a_card, tmp_path, grid):
    centre_ras_mm = grid.ras_of(np.array([0.3, 0.7, 0.6]) * (np.array(grid.shape_ijk) - 1))
    volume = with_bright_cube(dim_volume(grid), centre_ras_mm, half_mm=5.0)
    panel, node = a_view_of(a_desktop_with_views, an_insight_module, volume)
    jump_to(view_node("Red"), slice_at(grid, Plane.AXIAL, centre_ras_mm))
    choose_bundle(a_desktop_with_views, panel, a_brightest_token_bundle(a_card, tmp_path / "made by hand"))
    assert not coloured(pixels_of("Red")[8:]).any()

    assert analyse(a_desktop_with_views, panel).startswith("Done.")

    values = array_of(overlay_of(node).GetImageData())
    brightest = grid.ras_of(np.unravel_index(values.argmax(), values.shape)[::-1])
    assert np.abs(grid.directions_ras.T @ (brightest - centre_ras_mm)).max() <= TOKEN_MM
    a_desktop_with_views.process_events()
    shown = coloured(pixels_of("Red")[8:])
    assert shown.sum() > 50
    row, column = np.argwhere(shown).mean(0)
    to_ras = slicer.util.arrayFromVTKMatrix(view_node("Red").GetXYToRAS())
    height = pixels_of("Red").shape[0]
    middle_ras = to_ras @ [column, height - 1 - (row + 8), 0, 1]
    in_plane = np.array(slice_at(grid, Plane.AXIAL, centre_ras_mm).normal_ras)
    off = middle_ras[:3] - centre_ras_mm
    assert np.linalg.norm(off - in_plane * (off @ in_plane)) <= TOKEN_MM


def test_attention_follows_the_wheel_and_stops_when_told(a_desktop_with_views, an_insight_module, a_card, tmp_path):
    desktop = a_desktop_with_views
    panel, node = a_view_of(desktop, an_insight_module, dim_volume(GRIDS["upright"]))
    choose_bundle(desktop, panel, an_encoder_bundle(a_card, tmp_path / "encoder"))
    assert analyse(desktop, panel).startswith("Done.")
    first = subject_of(overlay_of(node))
    assert (first.plane, first.index) == (Plane.AXIAL, slice_index("Red", node))
    before = array_of(overlay_of(node).GetImageData()).copy()

    turn_wheel(desktop, "Red", 5)

    followed = subject_of(overlay_of(node))
    assert followed.index == slice_index("Red", node) == first.index + 5
    assert not np.array_equal(array_of(overlay_of(node).GetImageData()), before)
    assert str(followed.index) in panel.ui.attentionStatus.text

    turn_wheel(desktop, "Green")  # a plane that was not asked for yet
    wait_until(desktop, lambda: subject_of(overlay_of(node)).plane == Plane.CORONAL)
    assert subject_of(overlay_of(node)).index == slice_index("Green", node)

    panel.ui.followCheckBox.checked = False
    turn_wheel(desktop, "Red", 2)
    assert subject_of(overlay_of(node)).plane == Plane.CORONAL


def test_layer_and_head_are_chosen_and_said_in_the_overlay(a_desktop_with_views, an_insight_module, a_card, tmp_path):
    desktop = a_desktop_with_views
    panel, node = a_view_of(desktop, an_insight_module, dim_volume(GRIDS["upright"]))
    choose_bundle(desktop, panel, an_encoder_bundle(a_card, tmp_path / "encoder"))
    open_sections(desktop, panel, "attention")
    click(panel.ui.attentionButton)
    wait_until(desktop, lambda: overlay_of(node) is not None)
    choose(panel.ui.layerSelector, "2")
    wait_until(desktop, lambda: subject_of(overlay_of(node)).layer == 1)
    choose(panel.ui.headSelector, "1")
    wait_until(desktop, lambda: subject_of(overlay_of(node)).head == 0)
    choose(panel.ui.layerSelector, "rolled out")
    wait_until(desktop, lambda: subject_of(overlay_of(node)).rollout)
    assert not panel.ui.headSelector.enabled


def test_sliders_and_hiding_change_what_is_drawn(a_desktop_with_views, an_insight_module, a_card, tmp_path):
    desktop, grid = a_desktop_with_views, GRIDS["upright"]
    centre = grid.ras_of((26, 28, 24))
    panel, _ = a_view_of(desktop, an_insight_module, with_bright_cube(dim_volume(grid), centre, half_mm=5.0))
    choose_bundle(desktop, panel, a_brightest_token_bundle(a_card, tmp_path / "made by hand"))
    analyse(desktop, panel)
    desktop.process_events()

    drawn = coloured(pixels_of("Red")[8:]).sum()
    assert drawn > 50
    open_sections(desktop, panel, "attention")
    panel.ui.thresholdSlider.setValue(0.95)
    desktop.process_events()
    assert coloured(pixels_of("Red")[8:]).sum() < drawn
    panel.ui.thresholdSlider.setValue(0.1)
    panel.ui.opacitySlider.setValue(0.0)
    desktop.process_events()
    assert not coloured(pixels_of("Red")[8:]).any()
    panel.ui.opacitySlider.setValue(0.5)
    click(panel.ui.hideOverlayButton)
    desktop.process_events()
    assert not coloured(pixels_of("Red")[8:]).any()


def test_grad_cam_and_occlusion_take_the_place_of_attention_and_it_follows_no_more(
    a_desktop_with_views, an_insight_module, a_card, tmp_path
):
    desktop = a_desktop_with_views
    panel, node = a_view_of(desktop, an_insight_module, dim_volume(GRIDS["upright"]))
    choose_bundle(desktop, panel, a_classifier_bundle(a_card, tmp_path / "classifier"))
    open_sections(desktop, panel, "classes")
    choose(panel.ui.classSelector, "b")
    click(panel.ui.gradCamButton)
    wait_until(desktop, lambda: overlay_of(node) is not None)
    assert (subject_of(overlay_of(node)).method, subject_of(overlay_of(node)).target) == ("Grad-CAM", "b")
    wait_until(desktop, lambda: panel.ui.occlusionButton.enabled)
    choose(panel.ui.classSelector, "a")
    click(panel.ui.occlusionButton)
    wait_until(desktop, lambda: subject_of(overlay_of(node)).method == "occlusion")
    turn_wheel(desktop, "Red", 2)
    assert subject_of(overlay_of(node)).method == "occlusion"


def test_attention_that_is_answered_late_does_not_replace_what_was_asked_for_meanwhile(
    a_desktop_with_views, an_insight_module, a_card, tmp_path
):
    desktop = a_desktop_with_views
    panel, node = a_view_of(desktop, an_insight_module, dim_volume(GRIDS["upright"]))
    choose_bundle(desktop, panel, an_encoder_bundle(a_card, tmp_path / "encoder"))
    assert analyse(desktop, panel).startswith("Done.")
    open_sections(desktop, panel, "find")
    type_text(panel.ui.phraseSelector.lineEdit(), "liver")
    click(panel.ui.findButton)
    attention, find = panel.panel.attention.task, panel.panel.find.task
    wait_until(desktop, lambda: panel.ui.occludePhraseButton.enabled and not find.hand.busy)
    assert subject_of(overlay_of(node)).method == "attention"

    click(panel.ui.occludePhraseButton)
    turn_wheel(desktop, "Green")  # attention of a plane that was not asked for yet: it is answered after the occlusion
    assert find.hand.busy
    assert attention.hand.busy
    wait_until(desktop, lambda: not find.hand.busy and not attention.hand.busy)
    assert subject_of(overlay_of(node)).method == "occlusion"

    open_sections(desktop, panel, "attention")
    click(panel.ui.attentionButton)
    wait_until(desktop, lambda: subject_of(overlay_of(node)).method == "attention")
