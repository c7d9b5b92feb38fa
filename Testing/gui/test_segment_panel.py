"""The choices in the panel of MedInsight Segment, made by mouse and keyboard as a user would."""

from __future__ import annotations

import slicer
from PySide6 import QtTest

from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node
from Med3DInsightLib.volumes import Modality, Volume

from .panel_steps import QUICK_MODEL, a_head


def test_without_a_volume_the_button_says_what_is_missing(a_panel):
    assert not a_panel.ui.runButton.enabled
    assert a_panel.ui.runButton.toolTip == "Choose an input volume."


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


def test_a_volume_that_was_loaded_while_another_module_was_shown_gets_its_warning_and_its_estimate(a_module, a_panel):
    head = a_head()
    a_module.exit()
    node_from_volume(slicer.mrmlScene, head.with_array(head.array_kji - 1000), "in Hounsfield units")
    a_module.enter()
    assert a_panel.ui.warningLabel.text.startswith("This looks like CT; the model expects MR.")
    assert a_panel.ui.estimateLabel.text == "Estimating time and memory ..."


def test_a_loaded_scene_brings_the_warning_and_the_estimate_of_its_volume(a_panel, tmp_path):
    head = a_head()
    node_from_volume(slicer.mrmlScene, head.with_array(head.array_kji - 1000), "in Hounsfield units")
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(False)
    assert (a_panel.ui.warningLabel.text, a_panel.ui.estimateLabel.text) == ("", "")
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert a_panel.ui.warningLabel.text.startswith("This looks like CT; the model expects MR.")
    assert a_panel.ui.estimateLabel.text == "Estimating time and memory ..."


def test_a_new_panel_has_chosen_the_model_of_brain_structures(a_desktop, a_module):
    assert a_desktop.show(a_module).ui.modelSelector.currentText == "brain-structures"


def test_typing_in_the_search_field_shows_the_models_that_say_it(a_panel):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert a_panel.ui.modelSelector.currentText == QUICK_MODEL
    assert "Apache-2.0" in a_panel.ui.modelDetails.text
    QtTest.QTest.keyClicks(a_panel.ui.modelSearch, "kidney")
    assert a_panel.ui.modelSelector.count == 0
    assert not a_panel.ui.runButton.enabled
    assert "no installed model matches" in a_panel.ui.runButton.toolTip
    a_panel.ui.modelSearch.clear()
    QtTest.QTest.keyClicks(a_panel.ui.modelSearch, "grey MR")
    assert a_panel.ui.modelSelector.currentText == QUICK_MODEL
    assert a_panel.ui.runButton.enabled


def test_typing_in_the_search_field_reads_the_volume_only_if_another_model_is_chosen_by_it(a_panel, monkeypatch):
    from MedInsightSegmentLib import panel

    read = []
    monkeypatch.setattr(panel, "volume_from_node", lambda node: read.append(node) or volume_from_node(node))
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    read.clear()
    QtTest.QTest.keyClicks(a_panel.ui.modelSearch, "tissue")
    assert (a_panel.ui.modelSelector.currentText, read) == (QUICK_MODEL, [])
    a_panel.ui.modelSearch.clear()
    QtTest.QTest.keyClicks(a_panel.ui.modelSearch, "hippo")
    assert (a_panel.ui.modelSelector.currentText, read) == ("brain-structures", [node])
    a_panel.panel.segment.refreshModels()  # such as after another version was fetched
    assert read == [node, node]


def test_a_scene_whose_model_is_not_shipped_any_more_says_which_one_is_chosen_instead(a_panel, tmp_path):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    a_panel.logic.getParameterNode().model = "brain-tissue"
    assert slicer.util.saveScene(str(tmp_path / "old.mrb"))
    slicer.mrmlScene.Clear(False)
    assert (a_panel.ui.statusLabel.text, a_panel.ui.modelSelector.currentText) == ("", "brain-structures")
    slicer.util.loadScene(str(tmp_path / "old.mrb"))
    told = "The model 'brain-tissue' of this scene is not installed. 'brain-structures' is chosen instead;"
    assert a_panel.ui.statusLabel.text.startswith(told)
    assert "\n" not in a_panel.ui.statusLabel.text
    assert a_panel.ui.modelSelector.currentText == "brain-structures"
    assert a_panel.logic.getParameterNode().model == "brain-structures"
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
