"""Slice views that come with another layout are followed like those that were there before."""

from __future__ import annotations

import slicer

from Med3DInsightLib.mrml.insight.captions_table import captions_of_table
from Med3DInsightLib.mrml.insight.slice_views import jump_to
from Med3DInsightLib.mrml.node_grid import grid_of_node
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Plane, slice_of

from .insight_steps import open_sections, slice_index, type_text
from .panel_steps import a_head, click


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
