"""The panel of Med3D Insight as a whole: what can be chosen, what a run finds out, and how it ends."""

from __future__ import annotations

import pytest
import slicer
from Testing.unit.insight_bundles import a_classifier_bundle, an_encoder_bundle

from Med3DInsightLib.mrml.insight.captions_table import captions_of_table
from Med3DInsightLib.mrml.insight.class_nodes import ROLE as CLASSES
from Med3DInsightLib.mrml.insight.overlay_node import overlay_of
from Med3DInsightLib.mrml.insight.result_nodes import result_node, results_of
from Med3DInsightLib.mrml.volume_nodes import node_from_volume

from .insight_steps import analyse, choose_bundle, open_sections
from .panel_steps import a_head, click, wait_until


@pytest.fixture
def an_encoder(a_card, tmp_path):
    return an_encoder_bundle(a_card, tmp_path / "encoder")


@pytest.fixture
def a_classifier(a_card, tmp_path):
    return a_classifier_bundle(a_card, tmp_path / "classifier")


def test_without_a_volume_or_a_model_the_panel_says_what_is_missing(a_desktop, an_insight_panel):
    ui = an_insight_panel.ui
    assert not ui.analyseButton.enabled
    assert ui.analyseButton.toolTip == "Choose a volume."
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    a_desktop.process_events()
    assert ui.modelSelector.currentText == "head-encoder"
    ui.attentionCheckBox.click()
    assert ui.analyseButton.toolTip == "Tick something that the model can find out."
    assert a_desktop.placeholders == set()


def test_a_model_offers_what_it_can_find_out_and_its_card(a_desktop, an_insight_panel, an_encoder, a_classifier):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    ui = an_insight_panel.ui
    choose_bundle(a_desktop, an_insight_panel, an_encoder)
    assert (ui.classesCheckBox.enabled, ui.attentionCheckBox.enabled) == (False, True)
    assert "Reads slices" in ui.modelDetails.text
    choose_bundle(a_desktop, an_insight_panel, a_classifier)
    assert (ui.classesCheckBox.enabled, ui.attentionCheckBox.enabled) == (True, False)
    assert "a, b" in ui.modelDetails.text


def test_a_folder_without_a_model_is_one_line(a_desktop, an_insight_panel, tmp_path):
    a_desktop.dialogs.answer("Folder of a model bundle", str(tmp_path))
    click(an_insight_panel.ui.modelFolderButton)
    assert "the bundle has no card.json" in an_insight_panel.ui.statusLabel.text


def test_time_and_memory_are_told_before_a_run(a_desktop, an_insight_panel, an_encoder, a_classifier):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    for bundle in (an_encoder, a_classifier):
        choose_bundle(a_desktop, an_insight_panel, bundle)
        assert an_insight_panel.ui.estimateLabel.text == "Estimating time and memory ..."
        wait_until(a_desktop, lambda: an_insight_panel.ui.estimateLabel.text.startswith("About"))


def test_a_run_of_a_classifier_leaves_probabilities_a_plot_and_where_they_come_from(
    a_desktop, an_insight_panel, a_classifier
):
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    choose_bundle(a_desktop, an_insight_panel, a_classifier)

    assert analyse(a_desktop, an_insight_panel).startswith("Done.")

    table = result_node(node, "vtkMRMLTableNode", CLASSES)
    assert an_insight_panel.ui.classesTable.mrmlTableNode() is table
    assert table.GetNumberOfRows() == 2
    assert result_node(node, "vtkMRMLPlotChartNode", CLASSES) is not None
    assert overlay_of(node) is not None
    open_sections(a_desktop, an_insight_panel, "classes")
    assert "with a probability of" in an_insight_panel.ui.classesStatus.text or "speaks" in (
        an_insight_panel.ui.classesStatus.text
    )


def test_closing_the_scene_during_a_run_leaves_nothing_behind(a_desktop, an_insight_panel, an_encoder):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    choose_bundle(a_desktop, an_insight_panel, an_encoder)
    click(an_insight_panel.ui.analyseButton)
    slicer.mrmlScene.Clear(False)
    wait_until(a_desktop, lambda: not an_insight_panel.panel.attention.task.hand.busy)
    other = node_from_volume(slicer.mrmlScene, a_head(20), "other")
    a_desktop.process_events()
    assert results_of(other) == []
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTableNode") == 0
    assert an_insight_panel.ui.statusLabel.text == ""


def test_a_run_can_be_cancelled_and_started_again(a_desktop, an_insight_panel, an_encoder):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    choose_bundle(a_desktop, an_insight_panel, an_encoder)
    click(an_insight_panel.ui.analyseButton)
    click(an_insight_panel.ui.cancelButton)
    wait_until(a_desktop, lambda: an_insight_panel.ui.analyseButton.enabled)
    assert an_insight_panel.ui.statusLabel.text == "Cancelled."
    assert analyse(a_desktop, an_insight_panel).startswith("Done.")


def test_the_sample_scene_is_worth_looking_at_with_one_click(a_desktop_with_views, an_insight_module, tmp_path):
    desktop = a_desktop_with_views
    panel = desktop.show(an_insight_module)
    panel.ui.slicesSpinBox.value = 2
    click(panel.ui.sampleButton)
    wait_until(desktop, lambda: not panel.panel.analyse.run.running, seconds=300)
    assert panel.ui.statusLabel.text.startswith("Done."), panel.ui.statusLabel.text
    assert panel.ui.modelSelector.currentText == "head-encoder"
    node = panel.ui.inputVolumeSelector.currentNode()
    assert node.GetName() == "ICBM 152 T1"
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert overlay_of(node) is not None
    captions = captions_of_table(panel.ui.captionsTable.mrmlTableNode())
    assert len(captions) == 6
    assert any("white matter" in each.text for each in captions)
    desktop.screenshot(tmp_path / "sample.png")
