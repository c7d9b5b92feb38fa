"""A scene with a result is saved, closed and loaded, and is the same again, in the scene and in the panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import slicer
import vtk
from Testing.conftest import oblique_affine

from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation
from Med3DInsightLib.mrml.table_nodes import columns_from_table
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node

from .panel_steps import FOUND, QUICK_MODEL, a_head, click, run, segmentations

SURFACE = "Closed surface"


@dataclass(frozen=True)
class Description:
    """A segment as a user sees it; the surface is in the coordinates of the segmentation, in mm."""

    identifier: str
    name: str
    colour: tuple[float, float, float]
    label_value: int
    tags: dict[str, str]
    visible: bool
    surface_points: int
    surface_bounds_mm: tuple[float, ...]


def _describe(node):
    segmentation, display = node.GetSegmentation(), node.GetDisplayNode()
    return [_segment(segmentation, display, n) for n in range(segmentation.GetNumberOfSegments())]


def _segment(segmentation, display, n):
    identifier, segment = segmentation.GetNthSegmentID(n), segmentation.GetNthSegment(n)
    surface = segment.GetRepresentation(SURFACE)
    return Description(
        identifier,
        segment.GetName(),
        tuple(round(part, 6) for part in segment.GetColor()),
        segment.GetLabelValue(),
        _tags(segment),
        display.GetSegmentVisibility(identifier),
        surface.GetNumberOfPoints(),
        tuple(round(bound, 3) for bound in surface.GetBounds()),
    )


def _tags(segment):
    """Terminology and status; where a file keeps its layers is of no interest."""
    names = (slicer.vtkSegment.GetTerminologyEntryTagName(), "Segmentation.Status")
    values = {name: vtk.reference("") for name in names}
    return {name: str(value) for name, value in values.items() if segment.GetTag(name, value)}


@pytest.fixture
def a_saved_scene(a_desktop, a_panel, tmp_path):
    """The file, and what was in the scene: an oblique head below a transform, segmented and shown in 3D.

    The head is not the first volume, which a selector would choose by itself.
    """
    node_from_volume(slicer.mrmlScene, a_head(8), "another")
    node = node_from_volume(slicer.mrmlScene, a_head(40, oblique_affine()), "head")
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "turned")
    matrix = slicer.util.vtkMatrixFromArray(np.array([[0, -1, 0, 5], [1, 0, 0, 7], [0, 0, 1, -9], [0, 0, 0, 1.0]]))
    transform.SetMatrixTransformToParent(matrix)
    node.SetAndObserveTransformNodeID(transform.GetID())
    a_panel.ui.inputVolumeSelector.setCurrentNode(node)
    assert run(a_desktop, a_panel).endswith(FOUND)
    click(a_panel.ui.show3DButton)
    a_panel.ui.outputSelector.setCurrentNode(segmentations()[0])
    a_panel.ui.deviceSelector.setCurrentIndex(a_panel.ui.deviceSelector.findText("cpu"))
    before = _contents()
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(False)
    a_panel.ui.deviceSelector.setCurrentIndex(0)
    return path, before


def _contents():
    (segmentation,) = segmentations()
    head = slicer.util.getNode("head")
    labels, names = labels_from_segmentation(segmentation, head)
    return {
        "head": volume_from_node(head),
        "labels": labels,
        "names": names,
        "segments": _describe(segmentation),
        "columns": columns_from_table(slicer.util.getNode("head structures")),
        "geometry of": segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()).GetName(),
        "below": segmentation.GetParentTransformNode().GetName(),
        "hierarchy": _hierarchy(),
    }


def _hierarchy():
    """Name and place of every item of the subject hierarchy."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    items = vtk.vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), items, True)
    numbers = [items.GetId(n) for n in range(items.GetNumberOfIds())]
    return sorted((hierarchy.GetItemName(n), hierarchy.GetItemName(hierarchy.GetItemParent(n))) for n in numbers)


def test_voxels_names_colours_terminology_geometry_surfaces_and_tables_are_the_same(a_saved_scene):
    path, before = a_saved_scene
    slicer.util.loadScene(str(path))
    after = _contents()
    for name in ("head", "labels"):
        was, now = before.pop(name), after.pop(name)
        assert np.array_equal(now.array_kji, was.array_kji)
        assert now.grid.matches(was.grid)
    assert after == before
    assert len(after["segments"]) == 3
    assert all("~SCT^" in segment.tags["TerminologyEntry"] for segment in after["segments"])
    assert all(segment.surface_points > 100 for segment in after["segments"])


def test_the_panel_points_to_what_was_loaded(a_panel, a_saved_scene):
    path, _ = a_saved_scene
    ui = a_panel.ui
    assert (ui.inputVolumeSelector.currentNode(), ui.outputSelector.currentNode()) == (None, None)
    assert not ui.runButton.enabled
    assert (ui.structuresTable.mrmlTableNode(), ui.show3DButton.segmentationNode()) == (None, None)
    assert not ui.exportButton.enabled
    assert (ui.statusLabel.text, ui.progressBar.value) == ("", 0)
    slicer.util.loadScene(str(path))
    assert ui.structuresTable.mrmlTableNode() is slicer.util.getNode("head structures")
    assert ui.show3DButton.segmentationNode() is segmentations()[0]
    assert ui.exportButton.enabled
    assert ui.inputVolumeSelector.currentNode() is slicer.util.getNode("head")
    assert ui.outputSelector.currentNode() is segmentations()[0]
    assert (ui.modelSelector.currentText, ui.deviceSelector.currentText) == (QUICK_MODEL, "cpu")
    assert ui.runButton.enabled
    parameters = a_panel.logic.getParameterNode()
    assert (parameters.inputVolume, parameters.outputSegmentation) == (
        slicer.util.getNode("head"),
        segmentations()[0],
    )


def test_a_loaded_result_can_be_replaced(a_desktop, a_panel, a_saved_scene):
    path, before = a_saved_scene
    slicer.util.loadScene(str(path))
    assert run(a_desktop, a_panel).endswith(FOUND)
    (segmentation,) = segmentations()
    labels, _ = labels_from_segmentation(segmentation, slicer.util.getNode("head"))
    # Files of a scene keep places as decimal numbers: a voxel on the border of two brightnesses may change sides.
    assert (labels.array_kji != before["labels"].array_kji).mean() < 1e-4


def test_a_scene_without_a_result_is_loaded_over_one_that_has_one(a_desktop, a_panel, tmp_path):
    node_from_volume(slicer.mrmlScene, a_head(), "only this")
    assert slicer.util.saveScene(str(tmp_path / "without.mrb"))
    assert run(a_desktop, a_panel).endswith(FOUND)
    a_panel.ui.outputSelector.setCurrentNode(segmentations()[0])
    slicer.util.loadScene(str(tmp_path / "without.mrb"))
    assert a_panel.ui.inputVolumeSelector.currentNode().GetName() == "only this"
    assert a_panel.ui.outputSelector.currentNode() is None
    assert a_panel.ui.runButton.enabled
