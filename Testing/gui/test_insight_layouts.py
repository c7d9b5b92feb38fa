"""Slice views that come with another layout are followed, and those that it hides are not."""

from __future__ import annotations

import pytest
import slicer
from PySide6 import QtCore

from Med3DInsightLib.gui.insight.sections.slices_in_view import SlicesInView
from Med3DInsightLib.mrml.insight.captions_table import captions_of_table
from Med3DInsightLib.mrml.insight.slice_views import jump_to
from Med3DInsightLib.mrml.node_grid import grid_of_node
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Plane, slice_of

from .insight_steps import open_sections, slice_index, type_text
from .panel_steps import a_head, click

ONE_UP = slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView


@pytest.fixture
def a_shown_head(a_desktop_with_views):
    """The node of a head in all slice views."""
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    slicer.util.setSliceViewerLayers(background=node)
    a_desktop_with_views.add_views().resetSliceViews()
    a_desktop_with_views.process_events()
    return node


def view_named(name):
    return slicer.mrmlScene.GetSingletonNode(name, "vtkMRMLSliceNode")


def test_views_that_the_layout_hides_do_not_count_until_it_shows_them_again(a_desktop_with_views, a_shown_head):
    desktop, told = a_desktop_with_views, []
    views = SlicesInView(slicer.mrmlScene, QtCore.QTimer())
    views.on_moved.connect(lambda view, place: told.append((view.GetName(), place.index)))
    views.follow(a_shown_head)
    desktop.process_events()
    assert {place.plane for place in views.places()} == {Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL}

    slicer.app.layoutManager().setLayout(ONE_UP)
    desktop.process_events()
    told.clear()
    jump_to(view_named("Green"), slice_of(grid_of_node(a_shown_head), Plane.CORONAL, 7))
    desktop.process_events()
    assert told == []
    assert [place.plane for place in views.places()] == [Plane.AXIAL]
    assert views.last_moved() is None or views.last_moved().plane == Plane.AXIAL

    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    desktop.process_events()
    assert ("Green", 7) in told
    views.close()


def test_a_text_describes_the_slice_that_is_seen_and_not_one_that_the_layout_hides(
    a_desktop_with_views, an_insight_module, a_shown_head
):
    desktop = a_desktop_with_views
    panel = desktop.show(an_insight_module)
    desktop.process_events()
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpYellowSliceView)
    jump_to(view_named("Red"), slice_of(grid_of_node(a_shown_head), Plane.AXIAL, 10))
    desktop.process_events()
    open_sections(desktop, panel, "captions")
    type_text(panel.ui.captionText, "Left of the middle")
    click(panel.ui.writeButton)
    (written,) = captions_of_table(panel.ui.captionsTable.mrmlTableNode())
    assert written.own.plane == Plane.SAGITTAL


def test_a_text_describes_the_slice_of_a_view_that_the_layout_made_after_the_volume_was_chosen(
    a_desktop_with_views, an_insight_module
):
    desktop = a_desktop_with_views
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    slicer.util.setSliceViewerLayers(background=node)
    panel = desktop.show(an_insight_module)
    layout = desktop.add_views()
    layout.resetSliceViews()
    desktop.process_events()

    layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutThreeOverThreeView)
    view = slicer.mrmlScene.GetSingletonNode("Red+", "vtkMRMLSliceNode")
    desktop.process_events()
    jump_to(view, slice_of(grid_of_node(node), Plane.AXIAL, 10))
    desktop.process_events()

    open_sections(desktop, panel, "captions")
    type_text(panel.ui.captionText, "Below the middle")
    click(panel.ui.writeButton)
    (written,) = captions_of_table(panel.ui.captionsTable.mrmlTableNode())
    assert slice_index("Red", node) != 10
    assert (written.own.plane, written.own.index) == (Plane.AXIAL, 10)
