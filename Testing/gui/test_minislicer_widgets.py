"""Imitated widgets behave as those of Slicer do, also where a panel would not notice at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def a_volume_node(a_desktop):
    import slicer

    return slicer.util.addVolumeFromArray(np.zeros((4, 5, 6), np.int16), name="Volume")


@pytest.fixture
def a_selector(a_desktop):
    import slicer

    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ("vtkMRMLScalarVolumeNode",)
    selector.noneEnabled = True
    selector.setMRMLScene(slicer.mrmlScene)
    yield selector
    selector.setMRMLScene(None)


@pytest.fixture
def a_segmentation(a_desktop):
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    node.CreateDefaultDisplayNodes()
    return node


def _add_segment(node, volume):
    import slicer

    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment = node.GetSegmentation().AddEmptySegment("cube", "Cube", [1.0, 0.0, 0.0])
    slicer.util.updateSegmentBinaryLabelmapFromArray(np.ones((4, 5, 6), np.uint8), node, segment, volume)


def test_a_list_property_takes_a_tuple(a_selector, a_volume_node):
    assert list(a_selector.nodeTypes) == ["vtkMRMLScalarVolumeNode"]
    assert a_selector.nodeCount() == 1


def test_a_selector_waits_until_a_scene_is_loaded_or_closed(a_selector, a_volume_node, tmp_path):
    import slicer

    scene, counts = slicer.mrmlScene, []
    a_selector.setCurrentNode(a_volume_node)
    slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    rows = a_selector._box

    def count_rows(*_):
        counts.append((rows.count, a_selector.currentNodeID))

    tag = scene.AddObserver(scene.NodeRemovedEvent, count_rows)
    identifier = a_selector.currentNodeID
    scene.Clear(False)
    scene.RemoveObserver(tag)
    assert set(counts) == {(3, identifier)}  # None, the volume, and "Create new"
    assert rows.count == 2
    counts.clear()
    tag = scene.AddObserver(scene.NodeAddedEvent, count_rows)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    scene.RemoveObserver(tag)
    assert {count for count, _ in counts} == {2}
    assert rows.count == 3


def test_a_selector_does_not_wait_for_the_end_of_a_batch(a_selector):
    import slicer

    slicer.mrmlScene.StartState(slicer.mrmlScene.BatchProcessState)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Volume")
    a_selector.setCurrentNode(node)
    chosen = a_selector.currentNode()
    slicer.mrmlScene.EndState(slicer.mrmlScene.BatchProcessState)
    assert chosen is node


def test_the_3d_button_follows_the_segmentation(a_segmentation, a_volume_node):
    import slicer

    button = slicer.qMRMLSegmentationShow3DButton()
    button.setSegmentationNode(a_segmentation)
    assert not button.enabled  # there is no segment yet
    _add_segment(a_segmentation, a_volume_node)
    assert button.enabled
    a_segmentation.CreateClosedSurfaceRepresentation()
    assert button.checked
    button.checked = False
    assert not a_segmentation.GetSegmentation().ContainsRepresentation("Closed surface")
    a_segmentation.GetSegmentation().RemoveAllSegments()
    assert not button.enabled
    button.setSegmentationNode(None)


def test_a_table_view_is_no_table_widget(a_desktop):
    """So code that would count its rows or take its items fails here as in Slicer."""
    import slicer

    view = slicer.qMRMLTableView()
    for name in ("rowCount", "columnCount", "item", "setItem"):
        assert not hasattr(view, name)


def test_a_directory_button_gives_the_whole_path(a_desktop):
    import ctk

    button, told = ctk.ctkDirectoryButton(), []
    button.connect("directoryChanged(QString)", told.append)
    button.directory = "some/folder"
    assert Path(button.directory) == Path.cwd() / "some" / "folder"
    assert told == [button.directory]
