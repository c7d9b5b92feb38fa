"""A run of MedInsight Segment, started by mouse: what comes out of it, in the scene, in the views and in files."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from Testing.conftest import oblique_affine

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node

from .panel_steps import FOUND, QUICK_MODEL, a_head, choose_quick_model, click, count_of, run, segmentations


def test_a_click_segments_measures_and_shows(quick_models, a_desktop_with_views, a_module):
    desktop = a_desktop_with_views
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    slicer.util.setSliceViewerLayers(background=node)
    panel = desktop.show(a_module)
    choose_quick_model(panel)
    desktop.add_views().resetSliceViews()
    desktop.process_events()
    before = colours_of(desktop)
    fractions = []
    panel.ui.progressBar.connect("valueChanged(int)", fractions.append)

    assert run(desktop, panel).endswith(FOUND)

    assert fractions[0] < 500 < fractions[-1] == 1000
    assert len(fractions) > 3
    (segmentation,) = segmentations()
    assert segmentation.GetNodeReferenceID("referenceImageGeometryRef") == node.GetID()
    assert panel.ui.structuresTable.mrmlTableNode().GetNumberOfRows() == 3
    desktop.process_events()
    assert colours_of(desktop) > before + 200  # grey slices became coloured where the segments are
    click(panel.ui.show3DButton)
    assert segmentation.GetSegmentation().ContainsRepresentation("Closed surface")


def colours_of(desktop):
    """Pixels of the slice views whose red, green and blue differ visibly."""
    image = desktop.add_views().viewport().grab().toImage()
    rgb = np.array(image.constBits()).reshape(image.height(), image.bytesPerLine() // 4, 4)[..., :3].astype(int)
    left_half_and_below = rgb[rgb.shape[0] // 2 + 8 :]  # the two lower views are slices
    return int((np.ptp(left_half_and_below, axis=-1) > 25).sum())


@pytest.mark.parametrize("tilted", [False, True])
def test_the_voxels_are_those_of_a_session_to_the_bit_also_below_a_transform(a_desktop, a_panel, tilted):
    node = node_from_volume(slicer.mrmlScene, a_head(40, oblique_affine() if tilted else None), "head")
    if tilted:
        transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        matrix = slicer.util.vtkMatrixFromArray(np.array([[0, -1, 0, 5], [1, 0, 0, 7], [0, 0, 1, -9], [0, 0, 0, 1.0]]))
        transform.SetMatrixTransformToParent(matrix)
        node.SetAndObserveTransformNodeID(transform.GetID())
    assert run(a_desktop, a_panel).endswith(FOUND)
    labels, names = labels_from_segmentation(segmentations()[0], node)
    session = Session.open(InstalledModels().find(QUICK_MODEL), Device.AUTO)
    expected = session.segment(volume_from_node(node)).labels.array_kji
    assert names == ("CSF", "grey matter", "white matter")
    assert np.array_equal(labels.array_kji, expected)


def test_the_chosen_segmentation_is_replaced_and_others_are_not(a_desktop, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, a_panel).endswith(FOUND)
    assert run(a_desktop, a_panel).endswith(FOUND)
    assert count_of("Segmentation") == 2
    a_panel.ui.outputSelector.setCurrentNode(segmentations()[0])
    assert run(a_desktop, a_panel).endswith(FOUND)
    assert count_of("Segmentation") == 2


def test_the_table_is_exported_where_the_user_says(a_desktop, a_panel, tmp_path):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert not a_panel.ui.exportButton.enabled
    assert run(a_desktop, a_panel).endswith(FOUND)
    a_desktop.dialogs.answer("Export table", str(tmp_path / "structures.csv"))
    click(a_panel.ui.exportButton)
    lines = (tmp_path / "structures.csv").read_text().splitlines()
    assert lines[0] == "structure,volume (ml),mean intensity,surface (mm2)"
    assert [line.split(",")[0] for line in lines[1:]] == ["CSF", "grey matter", "white matter"]
    a_desktop.dialogs.answer("Export table", str(tmp_path / "nowhere" / "structures.csv"))
    click(a_panel.ui.exportButton)
    assert "cannot be written" in a_panel.ui.statusLabel.text


def test_a_volume_that_cannot_be_segmented_is_one_line(a_desktop, a_panel):
    head = a_head()
    node_from_volume(slicer.mrmlScene, head.with_array(np.zeros_like(head.array_kji)), "black")
    assert "every voxel has the value 0" in run(a_desktop, a_panel)
    assert count_of("Segmentation") == 0


def test_the_console_segments_without_the_panel(quick_models, a_desktop, a_module):
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    import MedInsightSegment

    logic = MedInsightSegment.MedInsightSegmentLogic()
    segmentation = logic.segment(node, model=QUICK_MODEL)
    logic.close()
    names = [segmentation.GetSegmentation().GetNthSegment(n).GetName() for n in range(3)]
    assert names == ["CSF", "grey matter", "white matter"]
    assert segmentation.GetName() == "head segmentation"
