"""Questions and captions by a server: nothing leaves before the user has seen it and said yes."""

from __future__ import annotations

import threading

import pytest
import slicer
from Testing.unit.analysis.describing.parts import ANSWER, answers_in_pieces
from Testing.unit.captions.remote.fault_server import FaultServer, healthy
from Testing.unit.insight_bundles import an_encoder_bundle

from Med3DInsightLib.mrml.insight.captions_table import captions_of_table
from Med3DInsightLib.mrml.insight.questions_node import ROLE, questions_of
from Med3DInsightLib.mrml.insight.result_nodes import result_node
from Med3DInsightLib.mrml.volume_nodes import node_from_volume

from .insight_steps import analyse, choose, choose_bundle, open_sections, slice_index, type_text
from .panel_steps import a_head, click, wait_until

HOST = "127.0.0.1"


@pytest.fixture
def a_server():
    with FaultServer([answers_in_pieces]) as server:
        yield server


@pytest.fixture
def a_caption_server():
    with FaultServer() as server:
        yield server


@pytest.fixture
def a_shown_head(a_desktop_with_views, an_insight_module, monkeypatch):
    """The panel and the node of a head in all slice views."""
    monkeypatch.delenv("MED3DINSIGHT_API_KEY", raising=False)
    node = node_from_volume(slicer.mrmlScene, a_head(), "Jane Doe")
    slicer.util.setSliceViewerLayers(background=node)
    panel = a_desktop_with_views.show(an_insight_module)
    a_desktop_with_views.add_views().resetSliceViews()
    a_desktop_with_views.process_events()
    return panel, node


def choose_server(desktop, panel, server, *also_open):
    open_sections(desktop, panel, "captions", *also_open)
    choose(panel.ui.sourceSelector, "a server with the OpenAI API")
    desktop.process_events()
    type_text(panel.ui.captionModelEdit, "tiny")
    type_text(panel.ui.serverEdit, server.url)


def ask(desktop, panel, server, question="Is the liver there?"):
    choose_server(desktop, panel, server)
    open_sections(desktop, panel, "ask")
    type_text(panel.ui.questionEdit, question)
    click(panel.ui.askButton)


def test_before_the_first_upload_pictures_and_prompt_are_shown_and_a_refusal_sends_no_byte(
    a_desktop_with_views, a_shown_head, a_server
):
    panel, node = a_shown_head
    ask(a_desktop_with_views, panel, a_server)
    ui = panel.ui
    assert ui.consentBox.visible
    assert HOST in ui.consentLabel.text
    assert HOST in ui.allowButton.text
    assert "Is the liver there?" in ui.consentPrompt.plainText
    assert ui.consentPicture.pixmap.width() > 300
    assert (a_server.connections, a_server.received) == (0, [])
    click(ui.refuseButton)
    a_desktop_with_views.process_events()
    assert not ui.consentBox.visible
    assert (a_server.connections, a_server.received) == (0, [])
    assert result_node(node, "vtkMRMLTextNode", ROLE) is None


def test_an_allowed_question_is_answered_kept_and_its_slices_can_be_clicked(
    a_desktop_with_views, a_shown_head, a_server
):
    desktop, (panel, node) = a_desktop_with_views, a_shown_head
    ask(desktop, panel, a_server)
    shown = {view: slice_index(view, node) for view in ("Red", "Green", "Yellow")}
    click(panel.ui.allowButton)
    wait_until(desktop, lambda: panel.ui.answerText.plainText == ANSWER and panel.ui.askButton.enabled)
    (kept,) = questions_of(result_node(node, "vtkMRMLTextNode", ROLE))
    assert (kept.question, kept.answer, kept.model) == ("Is the liver there?", ANSWER, "tiny")
    assert {each.index for each in kept.slices} == set(shown.values())
    assert b"Jane" not in b"".join(a_server.received)
    assert panel.ui.shownList.count == 3
    logic = slicer.app.layoutManager().sliceWidget("Red").sliceLogic()
    logic.SetSliceOffset(logic.GetSliceOffset() + 10)
    desktop.process_events()
    assert slice_index("Red", node) != shown["Red"]
    row = next(n for n in range(3) if panel.ui.shownList.item(n).text().startswith("axial"))
    panel.ui.shownList.setCurrentRow(-1)
    panel.ui.shownList.setCurrentRow(row)
    assert slice_index("Red", node) == shown["Red"]

    type_text(panel.ui.questionEdit, "And the spleen?")
    click(panel.ui.askButton)  # this host was allowed
    wait_until(desktop, lambda: len(questions_of(result_node(node, "vtkMRMLTextNode", ROLE))) == 2)
    assert panel.ui.historySelector.count == 2


def test_the_slices_that_fit_the_question_are_shown_to_the_user_before_they_are_sent(
    a_desktop_with_views, a_shown_head, a_server, a_card, tmp_path
):
    desktop, (panel, node) = a_desktop_with_views, a_shown_head
    open_sections(desktop, panel, "analyse")
    choose_bundle(desktop, panel, an_encoder_bundle(a_card, tmp_path / "encoder"))
    open_sections(desktop, panel, "ask")
    panel.ui.relevantCheckBox.checked = True
    ask(desktop, panel, a_server, "liver")
    wait_until(desktop, lambda: panel.ui.consentBox.visible)
    assert a_server.connections == 0
    click(panel.ui.allowButton)
    wait_until(desktop, lambda: panel.ui.answerText.plainText == ANSWER and panel.ui.askButton.enabled)
    (kept,) = questions_of(result_node(node, "vtkMRMLTextNode", ROLE))
    assert len(kept.slices) > 1
    type_text(panel.ui.questionEdit, "no phrase of the encoder")
    click(panel.ui.askButton)
    wait_until(desktop, lambda: "free text needs the text tower" in panel.ui.askStatus.text)
    assert panel.ui.answerText.plainText == ANSWER
    assert "not the whole answer" not in panel.ui.askStatus.text


def test_what_is_chosen_while_slices_are_looked_for_is_not_sent(
    a_desktop_with_views, a_shown_head, a_server, a_card, tmp_path
):
    desktop, (panel, _), ui = a_desktop_with_views, a_shown_head, a_shown_head[0].ui
    other = node_from_volume(slicer.mrmlScene, a_head(20), "another")
    open_sections(desktop, panel, "analyse")
    choose_bundle(desktop, panel, an_encoder_bundle(a_card, tmp_path / "encoder"))
    open_sections(desktop, panel, "ask")
    ui.relevantCheckBox.checked = True
    ask(desktop, panel, a_server, "liver")
    type_text(ui.questionEdit, "And the spleen?")
    wait_until(desktop, lambda: ui.consentBox.visible)
    assert "Question: liver" in ui.consentPrompt.plainText
    assert "spleen" not in ui.consentPrompt.plainText
    click(ui.refuseButton)

    type_text(ui.questionEdit, "liver")
    click(ui.askButton)
    ui.inputVolumeSelector.setCurrentNode(other)
    wait_until(desktop, lambda: "another volume was chosen" in ui.askStatus.text)
    assert not ui.consentBox.visible
    assert a_server.connections == 0


def test_an_answer_stays_with_its_volume(a_desktop_with_views, a_shown_head, a_server):
    desktop, (panel, node), ui = a_desktop_with_views, a_shown_head, a_shown_head[0].ui
    other = node_from_volume(slicer.mrmlScene, a_head(20), "another")
    ask(desktop, panel, a_server)
    click(ui.allowButton)
    ui.inputVolumeSelector.setCurrentNode(other)
    wait_until(desktop, lambda: not panel.panel.ask.task.hand.busy)
    assert (ui.answerText.plainText, ui.shownList.count, ui.historySelector.count) == ("", 0, 0)
    assert "belongs to 'Jane Doe'" in ui.askStatus.text
    ui.inputVolumeSelector.setCurrentNode(node)
    assert (ui.askStatus.text, ui.historySelector.count) == ("", 1)


def test_captions_by_a_server_ask_first_and_name_nobody(a_desktop_with_views, a_shown_head, a_caption_server):
    desktop, (panel, _) = a_desktop_with_views, a_shown_head
    choose_server(desktop, panel, a_caption_server)
    panel.ui.slicesSpinBox.value = 1
    click(panel.ui.describeButton)
    assert panel.ui.consentBox.visible
    assert a_caption_server.connections == 0
    assert "nothing was sent yet" in panel.ui.captionsStatus.text
    click(panel.ui.allowButton)
    wait_until(desktop, lambda: panel.ui.captionsTable.mrmlTableNode() is not None)
    found = captions_of_table(panel.ui.captionsTable.mrmlTableNode())
    assert [each.text for each in found] == ["Axial CT slice of the liver."] * 3
    assert b"Jane" not in b"".join(a_caption_server.received)


def test_captions_that_came_before_a_stop_are_kept_and_not_asked_for_again(a_desktop_with_views, a_shown_head):
    desktop, (panel, _), release = a_desktop_with_views, a_shown_head, threading.Event()

    def hang(exchange):
        release.wait(120)
        exchange.cut_off()

    with FaultServer([healthy, hang, healthy]) as server:
        choose_server(desktop, panel, server)
        panel.ui.slicesSpinBox.value = 1
        click(panel.ui.describeButton)
        click(panel.ui.allowButton)
        wait_until(desktop, lambda: "67 %" in panel.ui.captionsStatus.text)
        click(panel.ui.cancelCaptionsButton)
        wait_until(desktop, lambda: panel.ui.captionsStatus.text == "Cancelled.")
        release.set()
        table = panel.ui.captionsTable.mrmlTableNode()
        assert len(captions_of_table(table)) == 2
        click(panel.ui.describeButton)
        wait_until(desktop, lambda: len(captions_of_table(table)) == 3)
        assert len(server.exchanges) == 4


def test_analysing_stops_a_description_that_is_under_way_and_shows_its_own(a_desktop_with_views, a_shown_head):
    desktop, (panel, _) = a_desktop_with_views, a_shown_head
    with FaultServer(latency_s=1.0) as server:
        choose_server(desktop, panel, server, "analyse")
        panel.ui.slicesSpinBox.value = 30
        click(panel.ui.describeButton)
        click(panel.ui.allowButton)
        wait_until(desktop, lambda: server.exchanges)
        panel.ui.slicesSpinBox.value = 1
        panel.ui.attentionCheckBox.checked = False
        panel.ui.captionsCheckBox.checked = True
        assert analyse(desktop, panel).startswith("Done.")
        assert len(captions_of_table(panel.ui.captionsTable.mrmlTableNode())) == 3
        assert not panel.ui.cancelCaptionsButton.enabled
        assert len(server.exchanges) < 90  # as many slices as were asked for at first


def test_what_would_be_sent_is_asked_again_when_other_pictures_are_chosen(
    a_desktop_with_views, a_shown_head, a_caption_server
):
    desktop, (panel, _) = a_desktop_with_views, a_shown_head
    other = node_from_volume(slicer.mrmlScene, a_head(20), "another")
    choose_server(desktop, panel, a_caption_server)
    click(panel.ui.describeButton)
    assert panel.ui.consentBox.visible
    panel.ui.inputVolumeSelector.setCurrentNode(other)
    assert not panel.ui.consentBox.visible
    click(panel.ui.describeButton)
    panel.ui.slicesSpinBox.value = 1
    assert not panel.ui.consentBox.visible
    assert a_caption_server.connections == 0


def test_without_a_model_a_question_cannot_be_asked(a_desktop_with_views, a_shown_head):
    panel, _ = a_shown_head
    open_sections(a_desktop_with_views, panel, "ask")
    type_text(panel.ui.questionEdit, "What is this?")
    assert not panel.ui.askButton.enabled
    assert "Captions" in panel.ui.askButton.toolTip
