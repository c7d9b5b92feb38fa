"""Find, report, scene and console of Med3D Insight."""

from __future__ import annotations

import json

import numpy as np
import pytest
import slicer
from Testing.unit.insight_bundles import PHRASES, a_classifier_bundle, an_encoder_bundle

from Med3DInsightLib.analysis.requests import FindRequest
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.mrml.images import array_of
from Med3DInsightLib.mrml.insight.curve_nodes import ROLE, curves_of_table
from Med3DInsightLib.mrml.insight.overlay_node import overlay_of
from Med3DInsightLib.mrml.insight.overlay_subject import subject_of
from Med3DInsightLib.mrml.insight.result_nodes import result_node
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node

from .insight_steps import analyse, choose, choose_bundle, open_sections, slice_index, type_text
from .panel_steps import a_head, click, wait_until


@pytest.fixture
def an_encoder(a_card, tmp_path):
    return an_encoder_bundle(a_card, tmp_path / "encoder")


@pytest.fixture
def a_panel_with_an_encoder(a_desktop_with_views, an_insight_module, an_encoder):
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    slicer.util.setSliceViewerLayers(background=node)
    panel = a_desktop_with_views.show(an_insight_module)
    a_desktop_with_views.add_views().resetSliceViews()
    choose_bundle(a_desktop_with_views, panel, an_encoder)
    return panel, node


def find(desktop, panel, phrase):
    open_sections(desktop, panel, "find")
    type_text(panel.ui.phraseSelector.lineEdit(), phrase)
    click(panel.ui.findButton)
    wait_until(desktop, lambda: not panel.panel.find.task.hand.busy)
    return panel.ui.findStatus.text


def curves(node):
    return curves_of_table(result_node(node, "vtkMRMLTableNode", ROLE))


def test_a_phrase_finds_the_slices_that_the_service_finds_and_the_views_jump_there(
    a_desktop_with_views, a_panel_with_an_encoder, an_encoder
):
    desktop, (panel, node) = a_desktop_with_views, a_panel_with_an_encoder
    assert [panel.ui.phraseSelector.itemText(n) for n in range(2)] == list(PHRASES)
    assert "fits" in find(desktop, panel, "liver")
    expected = AnalysisService(Bundle.open).find(FindRequest(str(an_encoder.folder), "liver"), volume_from_node(node))
    found = curves(node)
    for curve, plane in zip(found.curves, expected.planes, strict=True):
        assert np.array_equal(np.float32(curve.similarities), plane.similarities)
        assert np.array_equal(np.float32(curve.weights), plane.weights)
    best = {str(plane.plane): plane.best.index for plane in expected.planes}
    assert [slice_index(view, node) for view in ("Red", "Green", "Yellow")] == list(best.values())
    assert panel.ui.jumpAxialButton.text == f"Axial {best['axial']}"
    logic = slicer.app.layoutManager().sliceWidget("Red").sliceLogic()
    logic.SetSliceOffset(logic.GetSliceOffset() + (10 if best["axial"] < 20 else -10))
    click(panel.ui.jumpAxialButton)
    assert slice_index("Red", node) == best["axial"]


def test_a_phrase_that_the_model_does_not_know_is_one_line_that_says_what_it_needs(
    a_desktop_with_views, a_panel_with_an_encoder
):
    panel, node = a_panel_with_an_encoder
    assert "text tower" in find(a_desktop_with_views, panel, "a purple elephant")
    assert result_node(node, "vtkMRMLTableNode", ROLE) is None


def test_what_makes_a_slice_like_the_phrase_is_drawn(a_desktop_with_views, a_panel_with_an_encoder):
    desktop, (panel, node) = a_desktop_with_views, a_panel_with_an_encoder
    find(desktop, panel, "liver")
    click(panel.ui.occludePhraseButton)
    wait_until(desktop, lambda: not panel.panel.find.task.hand.busy)
    subject = subject_of(overlay_of(node))
    assert (subject.method, subject.target) == ("occlusion", "liver")
    assert "like 'liver'" in panel.ui.findStatus.text


def test_the_report_has_what_was_found_and_is_replaced_only_if_the_user_says_so(
    a_desktop_with_views, a_panel_with_an_encoder, tmp_path
):
    desktop, (panel, _) = a_desktop_with_views, a_panel_with_an_encoder
    analyse(desktop, panel)
    find(desktop, panel, "liver")
    open_sections(desktop, panel, "report")
    folder = tmp_path / "report"
    desktop.dialogs.answer("Folder for the report", str(folder))
    click(panel.ui.reportButton)
    wait_until(desktop, lambda: panel.ui.reportButton.enabled)
    page = (folder / "report.html").read_text(encoding="utf-8")
    facts = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert "liver" in page
    assert "attention" in page.lower()
    assert "Research software, not a diagnostic device." in page
    assert facts["schema_version"] == 1
    before = (folder / "report.json").read_bytes()
    for allowed in (False, True):
        desktop.dialogs.answer("Folder for the report", str(folder))
        desktop.dialogs.answer("Replace the report", allowed)
        click(panel.ui.reportButton)
        wait_until(desktop, lambda: panel.ui.reportButton.enabled)
        assert ((folder / "report.json").read_bytes() != before) == allowed


def test_a_saved_scene_brings_attention_curves_and_choices_back(
    a_desktop_with_views, a_panel_with_an_encoder, an_encoder, tmp_path
):
    desktop, (panel, node) = a_desktop_with_views, a_panel_with_an_encoder
    analyse(desktop, panel)
    find(desktop, panel, "liver")
    choose(panel.ui.layerSelector, "2")
    wait_until(desktop, lambda: subject_of(overlay_of(node)).layer == 1)
    before = curves(node), subject_of(overlay_of(node)), array_of(overlay_of(node).GetImageData()).copy()
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(False)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    node = slicer.util.getNode("head")
    assert (curves(node), subject_of(overlay_of(node))) == before[:2]
    assert np.array_equal(array_of(overlay_of(node).GetImageData()), before[2])
    ui = panel.ui
    assert (ui.modelSelector.currentText, ui.layerSelector.currentText) == (str(an_encoder.folder), "2")
    assert ui.phraseSelector.currentText == "liver"
    assert ui.jumpAxialButton.enabled


def test_the_console_gives_what_the_panel_shows(a_desktop_with_views, a_panel_with_an_encoder, an_encoder, a_card):
    desktop, (panel, node) = a_desktop_with_views, a_panel_with_an_encoder
    find(desktop, panel, "liver")
    import Med3DInsight

    logic = Med3DInsight.Med3DInsightLogic()
    found = logic.find(node, "liver", model=str(an_encoder.folder))
    stack = logic.attention(node, model=str(an_encoder.folder), plane="coronal")
    classifier = a_classifier_bundle(a_card, an_encoder.folder.parent / "classifier")
    classes = logic.classify(node, model=str(classifier.folder))
    logic.close()
    for curve, plane in zip(curves(node).curves, found.planes, strict=True):
        assert np.array_equal(np.float32(curve.similarities), plane.similarities)
    assert stack.maps_kji.shape[0] == 44
    assert set(classes.probabilities) == {"a", "b"}
