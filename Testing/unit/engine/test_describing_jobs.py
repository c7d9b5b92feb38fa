"""A worker describes slices and answers questions as the service in process does, and tells parts as they come."""

from __future__ import annotations

import time

import numpy as np
import pytest
from Testing.unit.analysis.describing.parts import ANSWER, answers_in_pieces, ask_request, chat_server, describe_request
from Testing.unit.analysis.slices.parts import dim_volume
from Testing.unit.captions.parts import a_trunk
from Testing.unit.captions.remote.fault_server import FaultServer, answer_of
from Testing.unit.captions.remote.test_streamed_answers import BROKEN
from Testing.unit.insight_bundles import an_encoder_bundle

from Med3DInsightLib.analysis.describing.backend_choice import LabelMapSentences
from Med3DInsightLib.analysis.describing.slices_asked import RelevantSlices, SpreadSlices
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.engine.remote_insight import RemoteInsight
from Med3DInsightLib.engine.told_parts import caption_told, piece_told
from Med3DInsightLib.volumes import Grid, Plane

VOLUME, LAYER = a_trunk()


@pytest.fixture
def insight(start_worker):
    return RemoteInsight(start_worker().client)


@pytest.fixture
def service():
    return AnalysisService(Bundle.open)


def parts_of(job):
    parts = []
    job.on_partial.connect(parts.append)
    return parts


def test_captions_come_one_by_one_and_together(insight, service):
    request = describe_request(LabelMapSentences(seed=1), SpreadSlices((Plane.AXIAL, Plane.CORONAL), 2))
    job = insight.describe(request, VOLUME, [LAYER])
    parts = parts_of(job)
    described = insight.client.wait(job)
    assert described == service.describe(request, VOLUME, [LAYER])
    assert tuple(caption_told(part) for part in parts) == described.captions
    assert len(parts) == 4


def test_a_question_is_answered_in_pieces_and_a_slice_without_text_is_told(insight, service):
    with FaultServer([answers_in_pieces, lambda exchange: exchange.say(b"{}", 400)]) as server:
        job = insight.ask(ask_request(chat_server(server)), VOLUME)
        parts = parts_of(job)
        answer = insight.client.wait(job)
        described = insight.client.wait(insight.describe(describe_request(chat_server(server)), VOLUME))
    assert answer.text == ANSWER == "".join(piece_told(part) for part in parts)
    assert len(parts) == 3
    with FaultServer([answers_in_pieces]) as server:
        assert answer == service.ask(ask_request(chat_server(server)), VOLUME)
    assert described.captions == ()
    assert [each.index for each in described.missing] == [40, 12]


def test_without_consent_the_worker_sends_nothing_and_a_broken_stream_is_one_line(insight):
    with FaultServer([BROKEN["cut connection"]]) as server:
        for submit in (
            lambda: insight.ask(ask_request(chat_server(server, allowed_hosts=())), VOLUME),
            lambda: insight.describe(describe_request(chat_server(server, allowed_hosts=())), VOLUME),
        ):
            with pytest.raises(EngineError, match="not allowed") as refused:
                insight.client.wait(submit())
            assert refused.value.code == ErrorCode.REFUSED
        assert (server.connections, server.received) == (0, [])
        job = insight.ask(ask_request(chat_server(server)), VOLUME)
        parts = parts_of(job)
        with pytest.raises(EngineError, match="the 16 characters that arrived are not the whole answer"):
            insight.client.wait(job)
        assert "".join(piece_told(part) for part in parts) == "The liver is in "


def test_cancelling_a_slow_server_is_over_soon_and_the_worker_stays(insight):
    healthy = FaultServer([lambda exchange: exchange.say(answer_of("The liver is seen in this slice."))])
    with FaultServer([lambda exchange: time.sleep(20)]) as slow, healthy as quick:
        for job in (
            insight.ask(ask_request(chat_server(slow)), VOLUME),
            insight.describe(describe_request(chat_server(slow)), VOLUME),
        ):
            asked = len(slow.exchanges)
            while len(slow.exchanges) == asked:
                insight.client.deliver(0.05)
            started = time.monotonic()
            insight.client.cancel(job)
            with pytest.raises(EngineError) as cancelled:
                insight.client.wait(job)
            assert cancelled.value.code == ErrorCode.CANCELLED
            assert time.monotonic() - started < 2.0
            assert insight.client.connected
        answer = insight.client.wait(insight.ask(ask_request(chat_server(quick)), VOLUME))
    assert answer.text == "The liver is seen in this slice."


def test_slices_are_found_before_anything_is_sent(insight, service, a_card, tmp_path):
    folder = str(an_encoder_bundle(a_card, tmp_path / "encoder").folder)
    volume = dim_volume(Grid((8, 8, 8), np.diag([2.0, 2.0, 2.0, 1.0])))
    with FaultServer([answers_in_pieces]) as server:
        request = ask_request(chat_server(server), RelevantSlices(folder, 2, "liver"))
        places = insight.client.wait(insight.slices_to_show(request, volume))
        assert server.connections == 0
        assert insight.client.wait(insight.ask(request, volume)).shown == places
    assert places == service.slices_to_show(request, volume)
