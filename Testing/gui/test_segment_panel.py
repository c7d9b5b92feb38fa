"""The panel of MedInsight Segment, driven by mouse and keyboard as a user would."""

from __future__ import annotations

import time

import numpy as np
import psutil
import pytest
import slicer
from PySide6 import QtCore, QtTest
from Testing.conftest import oblique_affine

from Med3DInsightLib.analysis.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node
from Med3DInsightLib.volumes import Grid, Modality, Volume

from .conftest import REPOSITORY

FOUND = "structures were found."


@pytest.fixture
def a_module(a_desktop):
    a_desktop.modules.load(REPOSITORY / "Med3DInsight" / "Med3DInsight.py")
    return a_desktop.modules.load(REPOSITORY / "MedInsightSegment" / "MedInsightSegment.py")


@pytest.fixture
def a_panel(a_desktop, a_module):
    return a_desktop.show(a_module)


def a_head(size=44, affine=None):
    """Nested balls with the contrast of a T1 image: skin, dark bone, grey and white matter."""
    at = np.indices((size,) * 3) - (size - 1) / 2
    radius = np.sqrt((at**2).sum(0)) / size
    array = np.select([radius < 0.22, radius < 0.32, radius < 0.36, radius < 0.44], [200, 140, 30, 160], 0)
    noise = np.random.default_rng(0).normal(0, 6, array.shape) * (array > 0)
    affine = np.diag([2.0, 2.0, 2.0, 1.0]) if affine is None else affine
    return Volume((array + noise).astype(np.int16), Grid((size,) * 3, affine))


def click(widget):
    assert widget.enabled, widget.toolTip
    QtTest.QTest.mouseClick(widget, QtCore.Qt.LeftButton)


def wait_until(desktop, condition, seconds=90):
    until = time.monotonic() + seconds
    while not condition():
        desktop.process_events(1)
        time.sleep(0.005)
        assert time.monotonic() < until, "waited in vain"


def run(desktop, panel):
    click(panel.ui.runButton)
    wait_until(desktop, lambda: panel.ui.runButton.enabled)
    return panel.ui.statusLabel.text


def segmentations():
    return [slicer.mrmlScene.GetNthNodeByClass(n, "vtkMRMLSegmentationNode") for n in range(count_of("Segmentation"))]


def count_of(kind):
    return slicer.mrmlScene.GetNumberOfNodesByClass(f"vtkMRML{kind}Node")


def start_long_run(desktop, panel):
    """A run of some twenty windows, whose first is under way."""
    click(panel.ui.runButton)
    wait_until(desktop, lambda: panel.ui.statusLabel.text.startswith("Segmenting"))


def test_without_a_volume_the_button_says_what_is_missing(a_panel):
    assert not a_panel.ui.runButton.enabled
    assert a_panel.ui.runButton.toolTip == "Choose an input volume."


def test_a_click_segments_measures_and_shows(a_desktop_with_views, a_module):
    desktop = a_desktop_with_views
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    slicer.util.setSliceViewerLayers(background=node)
    panel = desktop.show(a_module)
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
    session = Session.open(ShippedModels().find("brain-tissue"), Device.AUTO)
    expected = session.segment(volume_from_node(node)).labels.array_kji
    assert names == ("CSF", "grey matter", "white matter")
    assert np.array_equal(labels.array_kji, expected)


def test_cancelling_stops_the_run_and_the_next_one_works(a_desktop, a_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    click(a_panel.ui.cancelButton)
    wait_until(a_desktop, lambda: a_panel.ui.statusLabel.text == "Cancelled.", seconds=5)
    assert (count_of("Segmentation"), a_panel.ui.progressBar.value) == (0, 0)
    slicer.mrmlScene.RemoveNode(node)
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, a_panel).endswith(FOUND)
    assert count_of("Segmentation") == 1


def test_a_killed_worker_is_an_error_in_the_panel_and_the_next_run_works(a_desktop, a_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    psutil.Process(a_panel.logic.engine.client._connection.pid).kill()
    wait_until(a_desktop, lambda: "ended unexpectedly" in a_panel.ui.statusLabel.text, seconds=5)
    assert "signal 9" in a_panel.ui.statusLabel.text
    slicer.mrmlScene.RemoveNode(node)
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, a_panel).endswith(FOUND)


def test_closing_the_scene_during_a_run_stops_it(a_desktop, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    slicer.mrmlScene.Clear(False)
    wait_until(a_desktop, lambda: not a_panel.panel.task.running, seconds=5)
    assert count_of("Segmentation") == 0
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, a_panel).endswith(FOUND)


def test_a_volume_that_is_removed_during_a_run_is_told(a_desktop, a_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    slicer.mrmlScene.RemoveNode(node)
    wait_until(a_desktop, lambda: "no longer in the scene" in a_panel.ui.statusLabel.text, seconds=60)
    assert count_of("Segmentation") == 0


def test_leaving_and_entering_the_panel_keeps_run_and_connections(a_desktop, a_module, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    a_module.exit()
    a_module.enter()
    a_module.exit()
    a_module.enter()
    wait_until(a_desktop, lambda: a_panel.ui.statusLabel.text.endswith(FOUND))
    assert count_of("Segmentation") == 1
    parameters = a_panel.logic.getParameterNode()
    parameters.inputVolume = None
    assert not a_panel.ui.runButton.enabled


def test_reloading_the_module_during_a_run_leaves_no_worker(a_desktop, a_module, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    worker = psutil.Process(a_panel.logic.engine.client._connection.pid)
    a_module = a_desktop.modules.reload("MedInsightSegment") or a_module
    psutil.wait_procs([worker], timeout=5)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
    panel = a_desktop.show(a_desktop.modules.module("MedInsightSegment"))
    assert panel is not a_panel
    assert panel.ui.runButton.enabled


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


def test_a_volume_of_another_modality_gets_a_warning(a_panel):
    head = a_head()
    node_from_volume(slicer.mrmlScene, head, "T1")
    assert a_panel.ui.warningLabel.text == ""
    node = node_from_volume(slicer.mrmlScene, head.with_array(head.array_kji - 1000), "in Hounsfield units")
    a_panel.ui.inputVolumeSelector.setCurrentNode(node)
    assert a_panel.ui.warningLabel.text.startswith("This looks like CT; the model expects MR.")
    marked = node_from_volume(slicer.mrmlScene, Volume(head.array_kji, head.grid, Modality.CT), "said to be CT")
    a_panel.ui.inputVolumeSelector.setCurrentNode(marked)
    assert a_panel.ui.warningLabel.text.startswith("This looks like CT")


def test_a_volume_that_cannot_be_segmented_is_one_line(a_desktop, a_panel):
    head = a_head()
    node_from_volume(slicer.mrmlScene, head.with_array(np.zeros_like(head.array_kji)), "black")
    assert "every voxel has the value 0" in run(a_desktop, a_panel)
    assert count_of("Segmentation") == 0


def test_typing_in_the_search_field_shows_the_models_that_say_it(a_panel):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert a_panel.ui.modelSelector.currentText == "brain-tissue"
    assert "Apache-2.0" in a_panel.ui.modelDetails.text
    QtTest.QTest.keyClicks(a_panel.ui.modelSearch, "kidney")
    assert a_panel.ui.modelSelector.count == 0
    assert not a_panel.ui.runButton.enabled
    assert "no installed model matches" in a_panel.ui.runButton.toolTip
    a_panel.ui.modelSearch.clear()
    QtTest.QTest.keyClicks(a_panel.ui.modelSearch, "grey MR")
    assert a_panel.ui.modelSelector.currentText == "brain-tissue"
    assert a_panel.ui.runButton.enabled


def test_choices_are_saved_with_the_scene(a_desktop, a_module, a_panel, tmp_path):
    node_from_volume(slicer.mrmlScene, a_head(), "first")
    chosen = node_from_volume(slicer.mrmlScene, a_head(), "second")
    a_panel.ui.inputVolumeSelector.setCurrentNode(chosen)
    a_panel.ui.deviceSelector.setCurrentIndex(a_panel.ui.deviceSelector.findText("cpu"))
    slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(False)
    a_panel.ui.deviceSelector.setCurrentIndex(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    a_module.exit()
    a_module.enter()
    assert a_panel.ui.inputVolumeSelector.currentNode().GetName() == "second"
    assert a_panel.ui.deviceSelector.currentText == "cpu"


def test_the_console_segments_without_the_panel(a_desktop, a_module):
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    import MedInsightSegment

    logic = MedInsightSegment.MedInsightSegmentLogic()
    segmentation = logic.segment(node, model="brain-tissue")
    logic.close()
    names = [segmentation.GetSegmentation().GetNthSegment(n).GetName() for n in range(3)]
    assert names == ["CSF", "grey matter", "white matter"]
    assert segmentation.GetName() == "head segmentation"
