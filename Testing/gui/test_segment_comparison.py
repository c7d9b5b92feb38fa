"""A segmentation is compared with a reference by mouse and keyboard."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from PySide6 import QtCore, QtTest

from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Code, Grid, Segment, Volume

from .panel_steps import FOUND, a_head, click, count_of, run, segmentations, wait_until

CODE = Code("123037004", "Anatomical Structure")


def drawn(name, segments, start=0):
    """A segmentation of boxes of 10 mm in a volume of its own, on voxels of 2 mm."""
    grid = Grid((20, 20, 20), np.diag([2.0, 2.0, 2.0, 1.0]))
    labels = np.zeros(grid.shape_kji, np.uint8)
    for value in range(1, len(segments) + 1):
        labels[start + 2 : start + 7, 2:7, 6 * value - 4 : 6 * value + 1] = value
    volume_node = node_from_volume(slicer.mrmlScene, Volume(labels.astype(np.int16), grid), f"volume of {name}")
    made = [Segment(value + 1, text, (9, 9, 9), CODE, CODE) for value, text in enumerate(segments)]
    return segmentation_from_labels(volume_node, Volume(labels, grid), made, name=name)


def compare(desktop, panel):
    click(panel.ui.compareButton)
    wait_until(desktop, lambda: not panel.panel.comparison.task.running)
    return panel.ui.comparisonStatus.text


@pytest.fixture
def the_section(a_panel):
    a_panel.ui.comparisonSection.collapsed = False
    return a_panel


def test_the_button_says_what_is_missing(the_section):
    ui = the_section.ui
    assert not ui.compareButton.enabled
    assert ui.compareButton.toolTip == "Choose a segmentation and a reference."
    node = drawn("one", ["liver"])
    ui.comparedSelector.setCurrentNode(node)
    ui.referenceSelector.setCurrentNode(node)
    assert not ui.compareButton.enabled
    assert "other than the segmentation itself" in ui.compareButton.toolTip
    assert not ui.exportComparisonButton.enabled


def test_structures_of_the_same_name_are_compared_and_the_table_is_exported(a_desktop, the_section, tmp_path):
    ui = the_section.ui
    ui.comparedSelector.setCurrentNode(drawn("mine", ["Liver", "spleen", "kidney"]))
    ui.referenceSelector.setCurrentNode(drawn("theirs", ["liver", "Spleen"], start=1))
    ui.toleranceSpinBox.selectAll()
    QtTest.QTest.keyClicks(ui.toleranceSpinBox, "2")
    QtTest.QTest.keyClick(ui.toleranceSpinBox, QtCore.Qt.Key_Tab)
    assert compare(a_desktop, the_section) == "2 structures have the same name in both."
    table = ui.comparisonTable.mrmlTableNode()
    assert table.GetName() == "mine compared with theirs"
    a_desktop.dialogs.answer("Export table", str(tmp_path / "agreement.csv"))
    click(ui.exportComparisonButton)
    lines = (tmp_path / "agreement.csv").read_text().splitlines()
    assert lines[0] == "structure,Dice,HD95 (mm),surface Dice at 2 mm"
    # A box of five slices moved by one: four of them are common; no surface is further than 2 mm.
    assert lines[1:] == ["Liver,0.8,2.0,1.0", "spleen,0.8,2.0,1.0"]


def test_no_common_name_is_one_line_and_no_table(a_desktop, the_section):
    the_section.ui.comparedSelector.setCurrentNode(drawn("mine", ["liver"]))
    the_section.ui.referenceSelector.setCurrentNode(drawn("theirs", ["Segment_1"]))
    assert "no segment has the same name in both: liver beside Segment_1" in compare(a_desktop, the_section)
    assert count_of("Table") == 0
    assert the_section.ui.compareButton.enabled


def test_a_name_that_looks_like_markup_is_shown_as_it_is(the_section):
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "<img src=x>")
    the_section.ui.comparedSelector.setCurrentNode(drawn("mine", ["liver"]))
    the_section.ui.referenceSelector.setCurrentNode(empty)
    click(the_section.ui.compareButton)
    assert "<img src=x>" in the_section.ui.comparisonStatus.text
    assert the_section.ui.comparisonStatus.textFormat == QtCore.Qt.PlainText


def test_a_segmentation_without_segments_is_one_line(a_desktop, the_section):
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "empty")
    the_section.ui.comparedSelector.setCurrentNode(drawn("mine", ["liver"]))
    the_section.ui.referenceSelector.setCurrentNode(empty)
    click(the_section.ui.compareButton)
    assert "has no segments" in the_section.ui.comparisonStatus.text


def test_a_new_result_is_offered_for_the_comparison_and_equals_itself(a_desktop, the_section):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, the_section).endswith(FOUND)
    assert run(a_desktop, the_section).endswith(FOUND)
    first, second = segmentations()
    assert the_section.ui.comparedSelector.currentNode() is second
    the_section.ui.referenceSelector.setCurrentNode(first)
    assert compare(a_desktop, the_section).startswith("3 structures")
    table = the_section.ui.comparisonTable.mrmlTableNode().GetTable()
    assert [table.GetValue(row, 1).ToDouble() for row in range(3)] == [1.0, 1.0, 1.0]


def start_comparison(panel):
    panel.ui.comparedSelector.setCurrentNode(drawn("mine", ["liver"]))
    panel.ui.referenceSelector.setCurrentNode(drawn("theirs", ["liver"]))
    click(panel.ui.compareButton)


def test_cancelling_stops_a_comparison(a_desktop, the_section):
    start_comparison(the_section)
    click(the_section.ui.cancelComparisonButton)
    wait_until(a_desktop, lambda: the_section.ui.comparisonStatus.text == "Cancelled.", seconds=30)
    assert count_of("Table") == 0


def test_closing_the_scene_stops_a_comparison(a_desktop, the_section):
    start_comparison(the_section)
    slicer.mrmlScene.Clear(False)
    assert not the_section.panel.comparison.task.running
    wait_until(a_desktop, lambda: not the_section.logic.engine.client.busy, seconds=30)
    assert (count_of("Table"), the_section.ui.comparisonStatus.text) == (0, "")


def test_the_table_goes_with_the_scene_and_comes_back_with_it(a_desktop, the_section, tmp_path):
    ui = the_section.ui
    ui.comparedSelector.setCurrentNode(drawn("mine", ["liver"]))
    ui.referenceSelector.setCurrentNode(drawn("theirs", ["liver"]))
    compare(a_desktop, the_section)
    slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(False)
    assert ui.comparisonTable.mrmlTableNode() is None
    assert (ui.comparisonStatus.text, ui.exportComparisonButton.enabled) == ("", False)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert ui.comparisonTable.mrmlTableNode() is slicer.util.getNode("mine compared with theirs")
    assert ui.referenceSelector.currentNode() is slicer.util.getNode("theirs")
    assert ui.exportComparisonButton.enabled


def test_a_result_that_comes_while_another_module_is_shown_is_there_on_return(a_desktop, a_module, the_section):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    click(the_section.ui.runButton)
    a_module.exit()
    wait_until(a_desktop, lambda: not the_section.panel.segment.task.running)
    a_module.enter()
    assert the_section.ui.comparedSelector.currentNode() is segmentations()[0]
    assert the_section.ui.structuresTable.mrmlTableNode() is slicer.util.getNode("head structures")
