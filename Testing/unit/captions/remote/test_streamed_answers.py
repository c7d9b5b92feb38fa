"""Answers about several pictures come piece by piece, or as a whole, or not at all, which is one line."""

from __future__ import annotations

import base64
import json
import threading
import time

import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.backends import Finish
from Med3DInsightLib.captions.prompting import ShippedPrompts
from Med3DInsightLib.captions.remote import ApiKey, RetrySettings, UploadConsent
from Med3DInsightLib.captions.remote.answer_stream import AnswerStream
from Med3DInsightLib.captions.remote.chat_format import MalformedAnswer

from .fault_server import FaultServer, answer_of
from .parts import a_model, some_pictures

PROMPT = ShippedPrompts().find("slices").asking("Is the liver there?")


def event(text="", finish=None, **chunk):
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **chunk}).encode() + b"\n\n"


HEALTHY = [event("The liver"), event(" is in "), event("picture 2."), event(finish="stop"), b"data: [DONE]\n\n"]


def streaming(*parts, pause_s=0.0, and_then=lambda exchange: None):
    """Sends the parts one after the other, in chunks as HTTP/1.1 knows them."""

    def behave(exchange):
        exchange.connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for part in parts:
            exchange.connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            time.sleep(pause_s)
        and_then(exchange)

    return behave


def ending(exchange):
    exchange.connection.sendall(b"0\r\n\r\n")


def replied(server, pictures=None, **settings):
    """The reply, and the pieces that were told."""
    pieces = []
    reply = a_model(server.url, prompt=PROMPT, **settings).reply(pictures or some_pictures(2), pieces.append)
    return reply, pieces


def test_pieces_are_told_as_they_come_and_are_the_answer_together():
    with FaultServer([streaming(*HEALTHY, and_then=ending)]) as server:
        reply, pieces = replied(server)
    assert pieces == ["The liver", " is in ", "picture 2."]
    assert (reply.text, reply.finish) == ("The liver is in picture 2.", Finish.COMPLETE)


def test_pieces_come_before_the_answer_is_complete():
    heard, go_on = threading.Event(), threading.Event()

    def rest(exchange):
        assert heard.wait(5)
        exchange.connection.sendall(b"".join(f"{len(p):x}\r\n".encode() + p + b"\r\n" for p in HEALTHY[1:]))
        ending(exchange)
        go_on.set()

    with FaultServer([streaming(HEALTHY[0], and_then=rest)]) as server:
        reply = a_model(server.url, prompt=PROMPT).reply(some_pictures(1), lambda piece: heard.set())
    assert go_on.is_set()
    assert reply.text == "The liver is in picture 2."


def test_one_request_holds_all_pictures_in_their_order_and_the_question_behind_them():
    pictures = some_pictures(3)
    with FaultServer([streaming(*HEALTHY, and_then=ending)]) as server:
        replied(server, pictures)
    (exchange,) = server.exchanges
    request = exchange.request
    assert request["stream"] is True
    *images, text = request["messages"][0]["content"]
    sent = [base64.b64decode(image["image_url"]["url"].partition("base64,")[2]) for image in images]
    assert sent == [picture.png for picture in pictures]
    assert text == {"type": "text", "text": PROMPT.text_about(pictures)}
    assert set(request) == {"model", "messages", "max_tokens", "temperature", "stream"}


def test_a_server_that_does_not_stream_is_told_in_one_piece():
    with FaultServer([lambda exchange: exchange.say(answer_of("The liver.", "length"))]) as server:
        reply, pieces = replied(server)
    assert (pieces, reply.text, reply.finish) == (["The liver."], "The liver.", Finish.LIMIT)
    assert (reply.tokens_in, reply.tokens_out) == (300, 7)


def test_events_may_be_cut_anywhere_and_mixed_with_comments_and_counts():
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}\r\n\r\n'
    whole = b": keep-alive\r\n\r\nevent: message\r\n" + b"".join(HEALTHY[:4]) + usage + HEALTHY[4]
    for size in (1, 7, len(whole)):
        stream = AnswerStream(ApiKey())
        parts = [whole[start : start + size] for start in range(0, len(whole), size)]
        texts = [text for part in parts for text in stream.texts_in(part)]
        assert texts == ["The liver", " is in ", "picture 2."]
        assert stream.answer().text == "".join(texts)
        assert (stream.answer().tokens_in, stream.answer().tokens_out) == (9, 3)


def test_an_answer_without_an_end_is_no_answer():
    stream = AnswerStream(ApiKey())
    assert list(stream.texts_in(HEALTHY[0])) == ["The liver"]
    with pytest.raises(MalformedAnswer, match="broke off"):
        stream.answer()


BROKEN = {
    "cut connection": streaming(*HEALTHY[:2], and_then=lambda exchange: exchange.cut_off()),
    "end without the end": streaming(*HEALTHY[:2], and_then=ending),
    "error in between": streaming(*HEALTHY[:2], b'data: {"error": {"message": "out\\u001b[31m of memory"}}\n\n'),
    "no JSON": streaming(*HEALTHY[:2], b"data: {not JSON\n\n"),
    "no chunk": streaming(*HEALTHY[:2], b'data: {"choices": 7}\n\n'),
    "too slow": streaming(*HEALTHY[:2], and_then=lambda exchange: time.sleep(1.5)),
}


@pytest.mark.parametrize("fault", sorted(BROKEN))
def test_a_stream_that_breaks_off_is_one_line_and_is_not_asked_for_again(fault):
    pieces = []
    with FaultServer([BROKEN[fault]]) as server:
        model = a_model(server.url, prompt=PROMPT, timeout_s=1.0 if fault == "too slow" else 20.0)
        with pytest.raises(CaptionError) as raised:
            model.reply(some_pictures(1), pieces.append)
        assert len(server.exchanges) == 1
    assert pieces == ["The liver", " is in "]
    assert "the 16 characters that arrived are not the whole answer. Ask again." in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_before_the_first_piece_a_failure_is_tried_again():
    faults = [lambda exchange: exchange.cut_off(), streaming(b'data: {"error": "busy"}\n\n')]
    with FaultServer([*faults, streaming(*HEALTHY, and_then=ending)]) as server:
        reply, pieces = replied(server)
        assert len(server.exchanges) == 3
    assert reply.text == "".join(pieces) == "The liver is in picture 2."


def test_an_answer_that_never_ends_is_refused_at_the_limit():
    flood = [event("A" * 1000)] * 100
    pieces = []
    with FaultServer([streaming(*flood)]) as server, pytest.raises(CaptionError, match="larger than 20000 bytes"):
        a_model(server.url, prompt=PROMPT, most_bytes=20_000).reply(some_pictures(1), pieces.append)
    assert 0 < len("".join(pieces)) < 20_000


def test_waiting_for_a_server_can_be_ended_at_once():
    class Enough(Exception):
        pass

    def check():
        if time.monotonic() > until:
            raise Enough

    silent = FaultServer([lambda exchange: time.sleep(5)])
    with silent as server:
        model = a_model(server.url, prompt=PROMPT, timeout_s=60.0, check_stop=check)
        for ask in (lambda: model.reply(some_pictures(1), print), lambda: list(model.answer(some_pictures(1)))):
            until = time.monotonic() + 0.3
            with pytest.raises(Enough):
                ask()
            assert time.monotonic() < until + 2.0


def test_without_consent_no_connection_is_made():
    consent = UploadConsent(["elsewhere.example"], trust_loopback=False)
    with FaultServer([streaming(*HEALTHY, and_then=ending)]) as server:
        with pytest.raises(CaptionError, match="not allowed"):
            a_model(server.url, consent, prompt=PROMPT, retry=RetrySettings(1))
        assert (server.connections, server.received) == (0, [])
