"""Captions by clicks: made from a segmentation, jumped to, edited, accepted, shown, saved and exchanged."""

from __future__ import annotations

import json

import numpy as np
import pytest
import slicer
from Testing.unit.captions.parts import a_caption

from Med3DInsightLib.captions.reviewing import Origin, ReviewedCaption
from Med3DInsightLib.mrml.insight.captions_table import captions_of_table, captions_table
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node
from Med3DInsightLib.volumes import Code, Segment

from .insight_steps import choose, click_row, open_sections, slice_index, type_text
from .panel_steps import a_head, click, wait_until

TISSUE = Code("85756007", "Tissue")
TISSUES = (
    Segment(2, "grey matter", (200, 200, 235), TISSUE, Code("389081007", "Gray matter")),
    Segment(3, "white matter", (250, 250, 225), TISSUE, Code("389080008", "White matter")),
)


@pytest.fixture
def a_segmented_head(a_desktop_with_views, an_insight_module):
    """The panel with the section of captions open, the node of a head, and its segmentation chosen."""
    desktop = a_desktop_with_views
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    slicer.util.setSliceViewerLayers(background=node)
    volume = volume_from_node(node)
    labels = volume.with_array(np.select([volume.array_kji > 170, volume.array_kji > 90], [3, 2], 0).astype(np.uint8))
    segmentation = segmentation_from_labels(node, labels, TISSUES)
    panel = desktop.show(an_insight_module)
    desktop.add_views().resetSliceViews()
    open_sections(desktop, panel, "captions")
    panel.ui.segmentationSelector.setCurrentNode(segmentation)
    panel.ui.slicesSpinBox.value = 4
    return panel, node


def describe(desktop, panel):
    click(panel.ui.describeButton)
    wait_until(desktop, lambda: panel.ui.describeButton.enabled)
    return panel.ui.captionsStatus.text


def captions(panel):
    return captions_of_table(panel.ui.captionsTable.mrmlTableNode())


def corner_pixels(view="Red"):
    """The lower left of a slice view, where captions are written."""
    pixels = slicer.app.layoutManager().sliceWidget(view).widget.pixels().astype(int)
    rows, columns, _ = pixels.shape
    return pixels[rows // 2 :, : int(0.8 * columns)]


def test_sentences_from_a_segmentation_are_listed_and_a_click_jumps_to_the_slice(
    a_desktop_with_views, a_segmented_head
):
    panel, node = a_segmented_head
    assert describe(a_desktop_with_views, panel) == "12 slices were described."
    found = captions(panel)
    assert len(found) == 12
    assert any("grey matter" in each.text for each in found)
    for row, view in ((0, "Red"), (5, "Green"), (11, "Yellow")):
        click_row(panel.ui.captionsTable, row)
        assert slice_index(view, node) == found[row].own.index
        assert panel.ui.captionText.plainText == found[row].text


def test_the_nearest_caption_is_in_the_corner_of_the_view_until_it_is_unwanted(a_desktop_with_views, a_segmented_head):
    panel, _ = a_segmented_head
    a_desktop_with_views.process_events()
    before = corner_pixels()
    describe(a_desktop_with_views, panel)
    a_desktop_with_views.process_events()
    written = (corner_pixels() != before).any(-1)
    assert written.sum() > 200
    panel.ui.cornerCheckBox.checked = False
    a_desktop_with_views.process_events()
    assert np.array_equal(corner_pixels(), before)


def test_a_text_is_edited_accepted_exported_and_read_back(a_desktop_with_views, a_segmented_head, tmp_path):
    desktop, (panel, _) = a_desktop_with_views, a_segmented_head
    describe(desktop, panel)
    click_row(panel.ui.captionsTable, 2)
    own = captions(panel)[2].text
    type_text(panel.ui.captionText, "A ball of white matter")
    click(panel.ui.saveTextButton)
    edited = captions(panel)[2]
    assert (edited.text, edited.own.text, edited.origin) == ("A ball of white matter", own, Origin.EDITED)
    assert not edited.accepted
    click(panel.ui.acceptButton)
    assert captions(panel)[2].accepted
    desktop.dialogs.answer("Export accepted", str(tmp_path / "accepted.jsonl"))
    click(panel.ui.exportAcceptedButton)
    (line,) = (tmp_path / "accepted.jsonl").read_text().splitlines()
    assert (json.loads(line)["text"], json.loads(line)["score"]) == ("A ball of white matter", 1.0)
    before = captions(panel)
    desktop.dialogs.answer("Export captions", str(tmp_path / "all.csv"))
    click(panel.ui.exportCaptionsButton)
    slicer.mrmlScene.RemoveNode(panel.ui.captionsTable.mrmlTableNode())
    desktop.process_events()
    desktop.dialogs.answer("Import captions", str(tmp_path / "all.csv"))
    click(panel.ui.importCaptionsButton)
    assert captions(panel) == before
    describe(desktop, panel)  # again: what the user did stays
    assert captions(panel) == before


def test_sentences_from_another_segmentation_or_a_changed_one_never_pass_for_those_of_the_former(
    a_desktop_with_views, a_segmented_head
):
    desktop, (panel, node) = a_desktop_with_views, a_segmented_head
    segmentation = panel.ui.segmentationSelector.currentNode()
    segmentation.SetName("tissues")
    describe(desktop, panel)
    click_row(panel.ui.captionsTable, 2)
    click(panel.ui.acceptButton)
    accepted = captions(panel)[2]
    assert accepted.own.model == "label map 'tissues'"

    volume = volume_from_node(node)
    labels = volume.with_array(np.where(volume.array_kji > 90, 3, 0).astype(np.uint8))
    brain = Segment(3, "brain", (250, 220, 200), TISSUE, Code("12738006", "Brain"))
    other = segmentation_from_labels(node, labels, [brain], name="another")
    panel.ui.segmentationSelector.setCurrentNode(other)
    assert describe(desktop, panel) == "12 slices were described."
    both = captions(panel)
    assert [each.own.model for each in both].count("label map 'tissues'") == 12
    assert [each.own.model for each in both].count("label map 'another'") == 12

    segmentation.GetSegmentation().RemoveSegment(segmentation.GetSegmentation().GetNthSegmentID(0))
    panel.ui.segmentationSelector.setCurrentNode(segmentation)
    describe(desktop, panel)
    of_tissues = [each for each in captions(panel) if each.own.model == "label map 'tissues'"]
    assert accepted in of_tissues  # the user's, with the revision that it was made from
    assert len(of_tissues) == 13
    assert {each.own.model_revision for each in of_tissues if each != accepted} != {accepted.own.model_revision}


def test_a_text_of_ones_own_describes_the_slice_in_view(a_desktop_with_views, a_segmented_head):
    panel, node = a_segmented_head
    type_text(panel.ui.captionText, "Nothing to see here")
    click(panel.ui.writeButton)
    (written,) = captions(panel)
    assert (written.text, written.origin, written.accepted) == ("Nothing to see here", Origin.WRITTEN, True)
    assert written.own.index in {slice_index(view, node) for view in ("Red", "Green", "Yellow")}


HOSTILE = "<b>bold</b> $x^2$ <image> &amp; \\alpha"


def test_a_hostile_caption_is_text_in_the_panel_and_in_the_view(a_desktop_with_views, a_segmented_head):
    panel, _ = a_segmented_head
    describe(a_desktop_with_views, panel)
    click_row(panel.ui.captionsTable, 1)
    type_text(panel.ui.captionText, HOSTILE)
    click(panel.ui.saveTextButton)
    assert captions(panel)[1].text == HOSTILE
    click_row(panel.ui.captionsTable, 0)
    click_row(panel.ui.captionsTable, 1)
    assert panel.ui.captionText.plainText == HOSTILE
    view = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    assert panel.panel.corners.drawn_in(view) == HOSTILE.replace("$", "\\$")  # VTK draws \\$ as a dollar sign


def test_a_saved_scene_brings_captions_texts_and_choices_back(a_desktop_with_views, a_segmented_head, tmp_path):
    desktop, (panel, _) = a_desktop_with_views, a_segmented_head
    describe(desktop, panel)
    click_row(panel.ui.captionsTable, 0)
    type_text(panel.ui.captionText, HOSTILE)
    click(panel.ui.saveTextButton)
    before = captions(panel)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(False)
    assert panel.ui.captionsTable.mrmlTableNode() is None
    assert panel.ui.slicesSpinBox.value == 8
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert captions(panel) == before
    assert panel.ui.slicesSpinBox.value == 4
    assert panel.ui.segmentationSelector.currentNode() is not None


def test_what_was_typed_into_the_table_of_a_volume_that_is_not_chosen_comes_back_with_the_scene(
    a_segmented_head, tmp_path
):
    panel, node = a_segmented_head
    table = captions_table(node, [ReviewedCaption.of(a_caption(index=7))])
    table.SetCellText(0, table.GetColumnIndex("text"), 'a "better" text, # 1')
    before = captions_of_table(table)
    assert before[0].origin == Origin.EDITED
    panel.ui.inputVolumeSelector.setCurrentNode(node_from_volume(slicer.mrmlScene, a_head(20), "another"))
    assert panel.ui.captionsTable.mrmlTableNode() is None
    slicer.mrmlScene.InvokeEvent(slicer.mrmlScene.StartSaveEvent)  # which the stand-in does not send by itself
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(False)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert captions_of_table(slicer.util.getNode("head captions")) == before


def test_without_a_segmentation_the_panel_says_so(a_desktop_with_views, a_segmented_head):
    panel, _ = a_segmented_head
    panel.ui.segmentationSelector.setCurrentNode(None)
    assert not panel.ui.describeButton.enabled
    assert "Choose a segmentation" in panel.ui.describeButton.toolTip
    choose(panel.ui.sourceSelector, "a model on this computer")
    assert panel.ui.describeButton.toolTip == "Choose a model."


def test_only_prompts_that_need_no_question_are_offered(a_segmented_head):
    offered = a_segmented_head[0].ui.promptSelector
    assert [offered.itemText(n) for n in range(offered.count)] == ["plain", "structured"]
