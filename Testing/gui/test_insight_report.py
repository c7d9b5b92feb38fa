"""Segmentations in the report that the panel of Med3D Insight writes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import slicer

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.cli.main import main
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels, segmentation_from_result
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Code, Segment, write_volume

from .insight_steps import open_sections
from .panel_steps import a_head, click, wait_until

TISSUE = Code("85756007", "Tissue")


@pytest.fixture
def a_node(a_desktop, an_insight_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    open_sections(a_desktop, an_insight_panel, "report")
    return node


def report(desktop, panel, folder):
    """Write the report by its button and return report.json, and the page."""
    desktop.dialogs.answer("Folder for the report", str(folder))
    click(panel.ui.reportButton)
    wait_until(desktop, lambda: panel.ui.reportButton.enabled)
    assert "report is in" in panel.ui.reportStatus.text
    return json.loads((folder / "report.json").read_text()), (folder / "report.html").read_text()


def a_ball(volume):
    """The brightest part of a volume, as label 5."""
    return volume.map(lambda array: 5 * (array > 170).astype(np.uint8))


def test_the_structures_of_a_model_are_those_of_the_command(a_desktop, an_insight_panel, a_node, a_bundle, tmp_path):
    result = AnalysisService(Bundle.open).segment(SegmentRequest(str(a_bundle.folder)), a_head())
    segmentation_from_result(a_node, result)
    facts, page = report(a_desktop, an_insight_panel, tmp_path / "panel")

    write_volume(a_head(), tmp_path / "head.nii.gz")
    command = ["report", str(tmp_path / "head.nii.gz"), "-o", str(tmp_path / "command"), "--device", "cpu"]
    assert main([*command, "--segment-model", str(a_bundle.folder)]) == 0
    expected = json.loads((tmp_path / "command" / "report.json").read_text())["segmentations"]
    (found,) = facts["segmentations"]
    assert found["structures"] == expected[0]["structures"]
    assert sum(each["volume_ml"] for each in found["structures"]) > 0
    for each in found["structures"]:
        assert f"<td>{each['volume_ml']:.2f}</td>" in page


def test_a_segmentation_of_something_else_is_told_if_it_is_chosen_for_captions(
    a_desktop, an_insight_panel, a_node, tmp_path
):
    other = node_from_volume(slicer.mrmlScene, a_head(20), "other")
    node = segmentation_from_labels(other, a_ball(a_head(20)), [Segment(5, "a tag", (1, 2, 3), TISSUE, TISSUE)])
    an_insight_panel.ui.inputVolumeSelector.setCurrentNode(a_node)
    an_insight_panel.ui.segmentationSelector.setCurrentNode(None)
    assert report(a_desktop, an_insight_panel, tmp_path / "without")[0]["segmentations"] == []
    an_insight_panel.ui.segmentationSelector.setCurrentNode(node)
    (told,) = report(a_desktop, an_insight_panel, tmp_path / "with")[0]["segmentations"]
    assert [(each["name"], each["label_value"]) for each in told["structures"]] == [("a tag", 5)]


def test_it_is_written_while_the_window_stays_alive_and_says_how_far_it_is(
    a_desktop, an_insight_panel, a_node, tmp_path
):
    ui, said = an_insight_panel.ui, []
    an_insight_panel.panel.report.hand.on_progress.connect(lambda progress: said.append(ui.reportStatus.text))
    a_desktop.dialogs.answer("Folder for the report", str(tmp_path / "out"))
    click(ui.reportButton)
    assert not (tmp_path / "out").exists()
    assert (ui.reportButton.enabled, ui.cancelReportButton.enabled) == (False, True)
    assert ui.reportButton.toolTip == "A report is being written."
    assert ui.reportStatus.text == "Writing the report ..."
    slicer.mrmlScene.RemoveNode(a_node)  # the report is about what was there when the button was pressed
    wait_until(a_desktop, lambda: not ui.cancelReportButton.enabled)
    assert "report is in" in ui.reportStatus.text
    assert said[0] == "Writing the report, 0 %"
    assert len(said) > 3
    assert json.loads((tmp_path / "out" / "report.json").read_text())["volume"]["name"] == "head"


def test_a_report_that_is_cancelled_leaves_nothing_and_the_old_one_as_it_was(
    a_desktop, an_insight_panel, a_node, tmp_path
):
    ui, folder = an_insight_panel.ui, tmp_path / "out"
    report(a_desktop, an_insight_panel, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for where in (folder, tmp_path / "new"):
        a_desktop.dialogs.answer("Folder for the report", str(where))
        a_desktop.dialogs.answer("Replace the report that is in this folder?", True)
        click(ui.reportButton)
        click(ui.cancelReportButton)
        wait_until(a_desktop, lambda: ui.reportButton.enabled)
        assert ui.reportStatus.text == "Cancelled."
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_told(a_desktop, an_insight_panel, a_node, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    a_desktop.dialogs.answer("Folder for the report", str(tmp_path / "file"))
    click(an_insight_panel.ui.reportButton)
    wait_until(a_desktop, lambda: an_insight_panel.ui.reportButton.enabled)
    assert "cannot be written" in an_insight_panel.ui.reportStatus.text
