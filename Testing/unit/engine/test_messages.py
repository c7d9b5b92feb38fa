"""Messages survive the line, and anything else is told apart from them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.engine.lines import read_lines, read_messages
from Med3DInsightLib.engine.messages import (
    LONGEST_LINE_BYTES,
    PREFIX,
    PROTOCOL,
    Cancel,
    Error,
    Hello,
    Log,
    Partial,
    Ping,
    Pong,
    ProgressMessage,
    ProtocolError,
    Request,
    Result,
    Shutdown,
    decode,
    encode,
)

bodies = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20) | st.booleans(), max_size=3)
messages = st.one_of(
    st.builds(Hello, st.just(PROTOCOL), st.text(max_size=9), st.integers(0, 99999)),
    st.builds(Request, st.text(max_size=9), st.text(max_size=9), st.text(max_size=30), bodies),
    st.builds(Cancel, st.text(max_size=9)),
    st.just(Ping()),
    st.just(Pong()),
    st.just(Shutdown()),
    st.builds(
        ProgressMessage, st.text(max_size=9), st.text(max_size=9), st.floats(0, 1), st.none() | st.floats(0, 1e6)
    ),
    st.builds(Log, st.text(max_size=99), st.none() | st.text(max_size=9)),
    st.builds(Partial, st.text(max_size=9), bodies),
    st.builds(Result, st.text(max_size=9), bodies),
    st.builds(Error, st.text(max_size=9), st.text(max_size=9), st.text(max_size=99), st.text(max_size=99)),
)


@given(messages)
def test_every_message_survives_a_line(message):
    line = encode(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode(line[:-1]) == message


def test_a_message_that_is_nested_without_end_is_refused():
    with pytest.raises(ProtocolError, match="not JSON"):
        decode(PREFIX + b"[" * 1_000_000)


@given(st.binary(max_size=200).filter(lambda line: not line.startswith(PREFIX)))
def test_anything_without_the_prefix_is_log(line):
    assert isinstance(decode(line), Log)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"type": "dance"}',
        b'{"type": "cancel"}',
        b'{"type": "cancel", "id": 3}',
        b'{"type": "ping", "shell": "rm"}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_message_is_refused(text):
    with pytest.raises(ProtocolError):
        decode(PREFIX + text)


@pytest.mark.parametrize("protocol", [PROTOCOL + 1, 0, "1.0", None])
def test_the_hello_of_another_protocol_is_refused_whatever_else_it_says(protocol):
    text = f'{{"type": "hello", "protocol": {protocol!r}, "mood": 1}}'.replace("'", '"').replace("None", "null")
    with pytest.raises(ProtocolError, match="the worker speaks protocol"):
        decode(PREFIX + text.encode())


class Slow(io.RawIOBase):
    """A stream that gives its bytes in pieces of given sizes."""

    def __init__(self, content, sizes):
        super().__init__()
        self.content, self.sizes = content, list(sizes)

    def read1(self, size):
        take = min(size, self.sizes.pop(0) if self.sizes else size)
        chunk, self.content = self.content[:take], self.content[take:]
        return chunk


@given(st.lists(messages, max_size=8), st.lists(st.integers(1, 50), max_size=50))
def test_messages_do_not_depend_on_how_the_bytes_arrive(sent, sizes):
    content = b"".join(encode(message) for message in sent)
    assert list(read_messages(Slow(content, sizes))) == sent


def test_log_between_messages_is_kept_and_the_last_line_needs_no_end():
    content = b"loading 10%\rloading 20%\n\n" + encode(Ping()) + b"the end"
    assert list(read_messages(io.BytesIO(content))) == [Log("loading 10%\rloading 20%"), Ping(), Log("the end")]


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory():
    source = io.BytesIO(b"x" * (3 * LONGEST_LINE_BYTES))
    with pytest.raises(ProtocolError, match="without the end of a line"):
        list(read_lines(source))
    assert source.tell() < 1.2 * LONGEST_LINE_BYTES
