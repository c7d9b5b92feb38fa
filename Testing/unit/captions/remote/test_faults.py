"""Whatever a server does, a picture gets its answer, or one clear line, or the job one clear error."""

from __future__ import annotations

import json
import socket
import time

import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.backends import Finish, PictureAnswer, PictureUnanswered
from Med3DInsightLib.captions.remote import ApiKey

from .fault_server import FaultServer, answer_of, healthy
from .parts import a_model, answers_to, some_pictures

TEXT = "Axial CT slice of the liver."


def status(number, content=b"{}", *headers, kind="application/json"):
    return lambda exchange: exchange.say(content, number, kind, headers)


def saying(content, **told):
    return lambda exchange: exchange.say(content, **told)


def cut_at_once(exchange):
    exchange.cut_off()


def cut_in_the_middle(exchange):
    exchange.say(answer_of(TEXT)[:40], length=500)
    time.sleep(0.05)
    exchange.cut_off()


def closed_early(exchange):
    exchange.say(answer_of(TEXT)[:40], length=500)
    exchange.connection.shutdown(socket.SHUT_WR)
    exchange.connection.close()
    exchange.cut = True


def in_pieces(exchange):
    exchange.connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    content = answer_of(TEXT)
    for start in range(0, len(content), 7):
        piece = content[start : start + 7]
        exchange.connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        time.sleep(0.001)
    exchange.connection.sendall(b"0\r\n\r\n")


def too_slow(exchange):
    time.sleep(0.6)
    healthy(exchange)


def drop_by_drop(exchange):
    exchange.say(b"", length=10_000)
    for _ in range(40):
        exchange.connection.sendall(b" ")
        time.sleep(0.05)


def a_flood(exchange):
    """Ten megabytes and more, of no told length."""
    exchange.connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    try:
        for _ in range(40):
            exchange.connection.sendall(b"40000\r\n" + b"A" * 0x40000 + b"\r\n")
    finally:
        exchange.cut_off()


def test_an_answer_comes_back_with_its_picture_its_finish_and_its_tokens():
    pictures = some_pictures(3)
    with FaultServer([healthy, saying(answer_of("Cut", "length")), saying(answer_of("x", "tool_calls"))]) as server:
        answers = answers_to(server, pictures)
    assert [answer.picture for answer in answers] == pictures
    assert [answer.finish for answer in answers] == [Finish.COMPLETE, Finish.LIMIT, Finish.UNKNOWN]
    assert {(answer.tokens_in, answer.tokens_out) for answer in answers} == {(300, 7)}
    assert answers[0].text == TEXT


@pytest.mark.parametrize(
    "fault",
    [
        status(429),
        status(500),
        status(502, b"<html>Bad gateway</html>", kind="text/html"),
        status(503),
        status(504),
        status(408),
        cut_at_once,
        cut_in_the_middle,
        closed_early,
        too_slow,
        drop_by_drop,
        saying(b"{"),
        saying(b"[" * 100_000),
        saying(b"[]"),
        saying(b"{}"),
        saying(b'{"choices": []}'),
        saying(b'{"choices": [{"message": {"content": 5}}]}'),
        saying(b'{"choices": [{"message": null}]}'),
        saying(b"\xff\xfe\x00"),
        saying(b"<html>Welcome to the hotel's network</html>", kind="text/html"),
        saying(b"data: {}\n\n", kind="text/event-stream"),
    ],
)
def test_what_may_pass_is_asked_again(fault):
    with FaultServer([fault, healthy]) as server:
        (answer,) = answers_to(server, timeout_s=0.4)
        assert len(server.exchanges) == 2
        assert server.exchanges[0].body == server.exchanges[1].body
    assert isinstance(answer, PictureAnswer)
    assert answer.text == TEXT


@pytest.mark.parametrize(
    ("fault", "attempts", "reason"),
    [
        (status(500, b'{"error": {"message": "CUDA\\n error\\u001b[2J"}}'), 3, "127.0.0.1 answers 500: CUDA error"),
        (status(400, b'{"error": "images are not supported"}'), 1, "answers 400: images are not supported"),
        (status(413, b""), 1, "127.0.0.1 answers 413"),
        (status(422, b'{"detail": "a text is too long"}'), 1, "answers 422: a text is too long"),
        (status(422, b'{"error": ' + b"[" * 99_000 + b"}"), 1, "answers 422"),
        (cut_at_once, 3, "the connection to 127.0.0.1 was cut"),
        (closed_early, 3, "was cut"),
        (too_slow, 3, "did not finish its answer within 0.4 s"),
        (drop_by_drop, 3, "did not finish its answer within 0.4 s"),
        (saying(b"{"), 3, "the answer is not JSON"),
        (saying(b"[" * 100_000), 3, "nested too deeply"),
        (saying(b"{}"), 3, "no choices with a message"),
        (saying(b"hello", kind="text/plain"), 3, "answers with text/plain, not with JSON"),
        (saying(answer_of("A" * 10_000_000)), 1, "is larger than 4000000 bytes"),
        (a_flood, 1, "is larger than 4000000 bytes"),
        (saying(b"\x1f\x8b", headers=["Content-Encoding: gzip"]), 1, "compresses its answers"),
    ],
)
def test_what_does_not_pass_is_one_line_about_one_picture(fault, attempts, reason):
    with FaultServer([fault]) as server:
        (answer,) = answers_to(server, timeout_s=0.4)
        assert len(server.exchanges) == attempts
    assert isinstance(answer, PictureUnanswered)
    assert reason in answer.reason
    assert "\n" not in answer.reason
    assert "\x1b" not in answer.reason
    assert len(answer.reason) < 400


def test_an_answer_in_pieces_is_put_together():
    with FaultServer([in_pieces]) as server:
        (answer,) = answers_to(server)
        assert len(server.exchanges) == 1
    assert answer.text == TEXT


@pytest.mark.parametrize(
    ("fault", "attempts", "message"),
    [
        (status(401, b'{"error": {"message": "wrong key sk-secret"}}'), 1, "refuses the key .401.. Check the key"),
        (status(403), 1, "refuses access"),
        (status(402), 1, "wants to be paid"),
        (status(404, b'{"error": {"message": "no model tiny"}}'), 1, "404: no model tiny. Check the name of the model"),
        (status(429), 3, "answers 429 .3 attempts.. Check the server"),
        (status(429, b"{}", "Retry-After: 9000"), 1, "asks to wait for 9000 s. Run the same command again"),
        (status(302, b"", "Location: https://elsewhere.example.org/"), 1, "on to elsewhere.example.org, which is not"),
        (status(307, b"", "Location: http://127.0.0.1:1/v1"), 1, "on to 127.0.0.1, which is not followed"),
        (status(301, b""), 1, "which is not followed"),
    ],
)
def test_what_befalls_every_picture_ends_the_job_with_one_line(fault, attempts, message):
    with FaultServer([fault]) as server:
        with pytest.raises(CaptionError, match=message) as raised:
            answers_to(server, some_pictures(4), key=ApiKey("sk-secret"))
        assert len(server.exchanges) == attempts
    assert "\n" not in str(raised.value)
    assert "sk-secret" not in str(raised.value)


def test_a_server_that_is_not_there_ends_the_job_after_all_attempts():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    with pytest.raises(CaptionError, match="127.0.0.1 cannot be reached .* .3 attempts.. Check the server"):
        list(a_model(url).answer(some_pictures()))


def test_a_server_that_dies_leaves_the_answers_that_came_before():
    def dies(exchange):
        server.stop_listening()
        exchange.cut_off()

    answers = []
    with FaultServer([healthy, healthy, dies]) as server, pytest.raises(CaptionError, match="cannot be reached"):
        answers.extend(a_model(server.url).answer(some_pictures(5)))
    assert [answer.text for answer in answers] == [TEXT, TEXT]


def test_a_message_in_parts_or_without_text_is_read():
    def content(value, **message):
        return json.dumps({"choices": [{"message": {"content": value, **message}, "finish_reason": 5}]}).encode()

    parts = [{"type": "text", "text": "Axial "}, {"type": "thinking", "text": "hm"}, {"type": "text", "text": "slice."}]
    said = [content(parts), content(None), content(None, refusal="I cannot.")]
    with FaultServer([saying(each) for each in said]) as server:
        answers = answers_to(server, some_pictures(3))
    assert [answer.text for answer in answers] == ["Axial slice.", "", "I cannot."]
    assert {(each.finish, each.tokens_in, each.tokens_out) for each in answers} == {(Finish.UNKNOWN, None, None)}
