"""Questions about slices that are named, or found, answered in pieces by a model on this computer or a server."""

from __future__ import annotations

import base64
import html
import threading
import time

import numpy as np
import pytest
from Testing.unit.analysis.slices.parts import dim_volume
from Testing.unit.captions.local.tiny_vision_language import save_llava
from Testing.unit.captions.parts import a_trunk
from Testing.unit.captions.quality.test_hostile_texts import HOSTILE
from Testing.unit.captions.remote.fault_server import FaultServer, answer_of
from Testing.unit.captions.remote.test_streamed_answers import HEALTHY, event, streaming
from Testing.unit.insight_bundles import an_encoder_bundle

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.analysis.describing.backend_choice import LocalModel
from Med3DInsightLib.analysis.describing.inert_pieces import InertPieces
from Med3DInsightLib.analysis.describing.relevant import most_relevant
from Med3DInsightLib.analysis.describing.shown import question_to_send
from Med3DInsightLib.analysis.describing.slices_asked import RelevantSlices
from Med3DInsightLib.analysis.requests import FindRequest
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.analysis.slices.finding import FindResult, PlaneSimilarity
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.inert_text import InertText, is_inert
from Med3DInsightLib.captions.prompting import Sampling
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Grid, Plane, slices_of

from .parts import ANSWER, answers_in_pieces, ask_request, chat_server

VOLUME, _ = a_trunk()


@pytest.fixture
def service():
    return AnalysisService(Bundle.open)


def test_a_server_is_shown_the_very_pictures_and_its_answer_is_told_in_pieces(service):
    told, reports = [], []
    with FaultServer([answers_in_pieces]) as server:
        request = ask_request(chat_server(server))
        answer = service.ask(request, VOLUME, reports.append, tell=told.append)
        (exchange,) = server.exchanges
    assert (answer.text, answer.complete) == (ANSWER, True)
    assert told == ["The liver", " is in ", "picture 2."]
    assert [(place.plane, place.index) for place in answer.shown] == [(Plane.SAGITTAL, 40), (Plane.AXIAL, 12)]
    assert (answer.source.backend, answer.source.model) == ("openai", "tiny")
    assert answer.source.prompt.endswith(": Is the liver there?")
    shown = question_to_send(request, VOLUME, answer.shown)
    *images, text = exchange.request["messages"][0]["content"]
    sent = [base64.b64decode(image["image_url"]["url"].partition(",")[2]) for image in images]
    assert sent == [picture.png for picture in shown.pictures]
    assert text["text"] == shown.prompt
    assert reports[-1].fraction == pytest.approx(1.0)


def test_a_model_on_this_computer_writes_the_same_in_pieces_and_as_a_whole(service, tmp_path):
    choice = LocalModel(str(save_llava(tmp_path / "tiny")), device=Device.CPU, sampling=Sampling(most_tokens=12))
    told = []
    answer = service.ask(ask_request(choice), VOLUME, tell=told.append)
    assert "".join(told).strip() == answer.text
    assert len(told) > 1
    assert answer == service.ask(ask_request(choice), VOLUME)
    assert answer.source.backend == "transformers"


def test_an_answer_at_its_limit_is_not_complete(service):
    with FaultServer([lambda exchange: exchange.say(answer_of("The liver is", "length"))]) as server:
        assert not service.ask(ask_request(chat_server(server)), VOLUME).complete


def test_an_empty_answer_is_an_error(service):
    blank = FaultServer([lambda exchange: exchange.say(answer_of(" \n"))])
    with blank as server, pytest.raises(CaptionError, match="answer is empty"):
        service.ask(ask_request(chat_server(server)), VOLUME)


def test_hostile_answers_are_inert_text_in_every_piece(service):
    texts = [text for text in HOSTILE if text.strip() and len(text) < 100_000]
    assert len(texts) > 90
    for text in texts[:: max(1, len(texts) // 12)]:
        cut = [event(text[start : start + 7]) for start in range(0, len(text), 7)]
        told = []
        with FaultServer([streaming(*cut[:300], HEALTHY[-2], b"data: [DONE]\n\n")]) as server:
            answer = service.ask(ask_request(chat_server(server)), VOLUME, tell=told.append)
        assert is_inert(answer.text)
        assert all(is_inert(piece) for piece in told)
        assert "".join(told).strip() == answer.text


def test_markup_stays_what_it_is(service):
    text = '<img src=x onerror="alert(1)"> & <b>liver</b>'
    with FaultServer([lambda exchange: exchange.say(answer_of(text))]) as server:
        assert service.ask(ask_request(chat_server(server)), VOLUME).text == text
    assert html.escape(text) != text


def test_pieces_are_made_inert_as_the_whole_would_be():
    text = "red \x1b[31m\r\nliver\r" + "\u2028spleen" * 3
    for size in (1, 2, 5, len(text)):
        told = []
        pieces = InertPieces(told.append, most_characters=20)
        for start in range(0, len(text), size):
            pieces.hear(text[start : start + size])
        assert "".join(told) in (InertText.of(text[:20]).text, InertText.of(text[:21]).text)
        assert all(is_inert(piece) for piece in told)


def test_a_host_that_was_not_allowed_gets_no_question_and_the_encoder_does_not_run(service):
    with FaultServer([answers_in_pieces]) as server:
        request = ask_request(chat_server(server, allowed_hosts=()), RelevantSlices("/there/is/no/such/bundle"))
        with pytest.raises(CaptionError, match="not allowed"):
            service.ask(request, VOLUME)
        assert (server.connections, server.received) == (0, [])


def test_cancelling_ends_a_stream_that_goes_on_and_on(service):
    cancel = threading.Event()
    told = []

    def tell(piece):
        told.append(piece)
        cancel.set()

    with FaultServer([streaming(*[HEALTHY[0]] * 200, pause_s=0.05)]) as server:
        started = time.monotonic()
        with pytest.raises(AnalysisCancelled):
            service.ask(ask_request(chat_server(server)), VOLUME, cancel=cancel, tell=tell)
    assert time.monotonic() - started < 3.0
    assert len(told) < 100


def test_cancelling_ends_a_model_on_this_computer_at_the_next_word(service, tmp_path):
    choice = LocalModel(str(save_llava(tmp_path / "tiny")), device=Device.CPU, sampling=Sampling(most_tokens=50))
    cancel = threading.Event()
    told = []

    def tell(piece):
        told.append(piece)
        cancel.set()

    with pytest.raises(AnalysisCancelled):
        service.ask(ask_request(choice), VOLUME, cancel=cancel, tell=tell)
    assert len(told) == 1


def test_a_question_must_be_asked_and_have_a_place(service):
    with FaultServer([answers_in_pieces]) as server:
        for changes, cause in (({"question": " "}, "question is empty"), ({"prompt": "plain"}, r"no \$question")):
            with pytest.raises(UserError, match=cause):
                service.ask(ask_request(chat_server(server), **changes), VOLUME)
        with pytest.raises(UserError, match="about one picture"):
            service.ask(ask_request(chat_server(server), prompt="question"), VOLUME)
        assert server.connections == 0


def test_the_most_relevant_slices_are_those_that_find_finds(service, a_card, tmp_path):
    folder = str(an_encoder_bundle(a_card, tmp_path / "encoder").folder)
    volume = dim_volume(Grid((8, 8, 8), np.diag([2.0, 2.0, 2.0, 1.0])))
    relevant = RelevantSlices(folder, 3, "liver", (Plane.AXIAL, Plane.CORONAL), apart_mm=3.0)
    with FaultServer([answers_in_pieces]) as server:
        request = ask_request(chat_server(server), relevant)
        places = service.slices_to_show(request, volume)
        assert server.connections == 0
        reports = []
        answer = service.ask(request, volume, reports.append)
    found = service.find(FindRequest(folder, "liver", relevant.planes), volume)
    assert answer.shown == places == most_relevant(found, 3, 3.0)
    assert places[0] == found.best
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert {report.stage for report in reports} >= {"answering"}


def found_in(grid, **similarities):
    planes = [
        PlaneSimilarity(Plane(name), slices_of(grid, Plane(name)), np.float32(values), np.float32(values))
        for name, values in similarities.items()
    ]
    return FindResult("liver", True, tuple(planes))


def test_neighbours_of_a_relevant_slice_come_last():
    grid = Grid((5, 5, 5), np.diag([4.0, 4.0, 4.0, 1.0]))
    found = found_in(grid, axial=[0.1, 0.8, 0.9, 0.7, 0.2], coronal=[0.3, 0.3, 0.3, 0.3, 0.3])
    named = [(str(place.plane), place.index) for place in most_relevant(found, 4, 8.0)]
    assert named == [("axial", 2), ("coronal", 0), ("coronal", 2), ("coronal", 4)]
    every = most_relevant(found, 100, 8.0)
    assert len(every) == len(set(every)) == 10
    assert [place.index for place in most_relevant(found, 3, 0.0)] == [2, 1, 3]
