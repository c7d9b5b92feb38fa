"""Widgets, views and files of the stand-in follow the real scene."""

from __future__ import annotations

import numpy as np
import pytest


def _add_volume(name="Volume"):
    import slicer

    voxels = np.zeros((20, 22, 24), np.int16)
    voxels[5:15, 5:15, 5:15] = 100
    return slicer.util.addVolumeFromArray(voxels, name=name)


def _add_segmentation(volume):
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment = node.GetSegmentation().AddEmptySegment("cube", "Cube", [1.0, 0.0, 0.0])
    inside = (slicer.util.arrayFromVolume(volume) > 0).astype(np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(inside, node, segment, volume)
    return node


@pytest.fixture
def a_selector(a_desktop):
    import slicer

    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    selector.noneEnabled = True
    selector.addEnabled = False
    selector.setMRMLScene(slicer.mrmlScene)
    yield selector
    selector.setMRMLScene(None)


def _texts(selector):
    box = selector._box
    return [box.itemText(row) for row in range(box.count)]


def test_a_node_selector_follows_the_scene(a_selector):
    import slicer

    first = _add_volume("First")
    assert _texts(a_selector) == ["None", "First"]
    a_selector.setCurrentNode(first)
    first.SetName("Renamed")
    assert _texts(a_selector) == ["None", "Renamed"]
    slicer.mrmlScene.RemoveNode(first)
    assert _texts(a_selector) == ["None"]
    assert a_selector.currentNode() is None
    assert a_selector.currentNodeID == ""


def test_a_node_selector_tells_each_change_once(a_selector):
    told = []
    a_selector.connect("currentNodeChanged(vtkMRMLNode*)", lambda node: told.append(node and node.GetName()))
    first, second = _add_volume("First"), _add_volume("Second")
    a_selector.setCurrentNode(first)
    a_selector.setCurrentNode(first)
    a_selector.setCurrentNodeID(second.GetID())
    a_selector.setCurrentNode(None)
    assert told == ["First", "Second", None]


def test_a_node_selector_that_qt_deleted_leaves_the_scene_alone(a_selector):
    import slicer

    other = slicer.qMRMLNodeComboBox()
    other.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    other.setMRMLScene(slicer.mrmlScene)
    other.delete()
    _add_volume()
    assert _texts(a_selector) == ["None", "Volume"]


def test_a_node_selector_without_none_takes_the_first_node(a_selector):
    a_selector.noneEnabled = False
    node = _add_volume()
    assert a_selector.currentNodeID == node.GetID()


def test_a_node_selector_shows_only_its_types_and_creates_nodes(a_selector):
    import slicer

    a_selector.nodeTypes = ["vtkMRMLSegmentationNode"]
    a_selector.addEnabled = True
    a_selector.baseName = "Result"
    _add_volume()
    assert _texts(a_selector) == ["None", "Create new Segmentation"]
    a_selector._box.activated.emit(1)
    assert a_selector.currentNode() is slicer.util.getNode("Result")


def test_a_volume_is_shown_in_all_slice_views(a_desktop_with_views):
    import slicer

    volume = _add_volume()
    volume.CreateDefaultDisplayNodes()
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    layout = slicer.app.layoutManager()
    for name in layout.sliceViewNames():
        pixels = layout.sliceWidget(name).widget.pixels()
        bright = (pixels[10:].max(axis=-1) > 128).mean()
        assert 0.1 < bright < 0.6, name


def test_a_surface_is_shown_in_the_3d_view(a_desktop_with_views):
    import slicer

    layout = slicer.app.layoutManager()
    widget = layout.threeDWidget(0).widget
    segmentation = _add_segmentation(_add_volume())
    button = slicer.qMRMLSegmentationShow3DButton()
    button.setSegmentationNode(segmentation)
    button.click()
    layout.resetThreeDViews()
    red, green, blue = (widget.pixels()[..., channel].astype(int) for channel in range(3))
    assert ((red > green + 60) & (red > blue + 60)).mean() > 0.05
    button.click()
    widget.schedule()
    red, green, blue = (widget.pixels()[..., channel].astype(int) for channel in range(3))
    assert ((red > green + 60) & (red > blue + 60)).mean() < 0.01


def test_a_segments_table_lists_hides_and_selects_segments(a_desktop):
    import slicer
    from PySide6 import QtCore

    segmentation = _add_segmentation(_add_volume())
    table = slicer.qMRMLSegmentsTableView()
    table.setSegmentationNode(segmentation)
    assert table.segmentCount() == 1
    table._table.item(0, 0).setCheckState(QtCore.Qt.Unchecked)
    assert not segmentation.GetDisplayNode().GetSegmentVisibility("cube")
    table.setSelectedSegmentIDs(["cube"])
    assert table.selectedSegmentIDs() == ["cube"]
    table.setSegmentationNode(None)


def test_a_table_view_shows_a_table_node(a_desktop):
    import slicer
    from PySide6 import QtCore

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Volumes")
    slicer.util.updateTableFromArray(node, np.array([[1.0, 2.5], [3.0, 4.0]]), ["a", "b"])
    view = slicer.qMRMLTableView()
    view.setMRMLTableNode(node)
    model = view.model()
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    assert model.index(0, 1).data() == "2.5"
    assert model.headerData(1, QtCore.Qt.Horizontal) == "b"
    view.setMRMLTableNode(None)
    assert model.rowCount() == 0
    with pytest.raises(ValueError, match="expected a table node"):
        view.setMRMLTableNode(_add_volume())


def test_a_data_node_has_an_item_in_the_subject_hierarchy_as_long_as_it_is_in_the_scene(a_desktop):
    import slicer

    volume = _add_volume()
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(volume)
    assert hierarchy.GetItemName(item) == "Volume"
    slicer.mrmlScene.RemoveNode(volume)
    assert hierarchy.GetItemParent(item) == hierarchy.GetInvalidItemID()  # gone together with the node


def test_a_scene_survives_being_saved_to_a_bundle(a_desktop, tmp_path):
    import slicer

    volume = _add_volume("Head")
    _add_segmentation(volume)
    expected = slicer.util.arrayFromVolume(volume).copy()
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(path))
    assert np.array_equal(slicer.util.arrayFromVolume(slicer.util.getNode("Head")), expected)
    segmentation = slicer.util.getNode("Segmentation").GetSegmentation()
    assert segmentation.GetSegment("cube").GetName() == "Cube"


@pytest.mark.parametrize("name", ["volume.nrrd", "volume.nii.gz"])
def test_a_volume_survives_being_saved_to_a_file(a_desktop, tmp_path, name):
    import slicer

    volume = _add_volume()
    assert slicer.util.saveNode(volume, str(tmp_path / name))
    loaded = slicer.util.loadVolume(str(tmp_path / name))
    assert np.array_equal(slicer.util.arrayFromVolume(loaded), slicer.util.arrayFromVolume(volume))


def test_a_missing_file_is_an_error_that_names_it(a_desktop, tmp_path):
    import slicer

    with pytest.raises(RuntimeError, match="nowhere.nrrd"):
        slicer.util.loadVolume(str(tmp_path / "nowhere.nrrd"))


def test_without_egl_views_are_refused_instead_of_crashing(monkeypatch):
    from Testing.minislicer import rendering_probe

    rendering_probe.require_rendering.cache_clear()
    monkeypatch.setattr(rendering_probe, "_PROBE", "import os; os.abort()")
    with pytest.raises(RuntimeError, match="apt-get install libegl1"):
        rendering_probe.require_rendering()
