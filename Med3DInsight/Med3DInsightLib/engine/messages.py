"""What client and worker say to each other: one JSON object a line, behind a fixed prefix.

Lines without the prefix are what some library printed; they are kept as log. PROTOCOL grows when a
message changes its meaning; the first message of a worker tells it, and a client refuses another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

PROTOCOL = 1
PREFIX = b"@med3dinsight "
LONGEST_LINE_BYTES = 32_000_000
"""Arrays travel by file; captions and similarities of thousands of slices are some megabytes, so a longer line is a
sign that something else is talking."""


class ProtocolError(Exception):
    """The other side does not speak the protocol."""


@dataclass(frozen=True)
class _Strict:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Hello(_Strict):
    """Worker: here I am."""

    protocol: int
    version: str
    pid: int
    type: Literal["hello"] = "hello"


@dataclass(frozen=True)
class Request(_Strict):
    """Client: do this; body depends on kind (see payloads), folder is the private place for arrays."""

    id: str
    kind: str
    folder: str
    body: dict[str, Any] = field(default_factory=dict)
    type: Literal["request"] = "request"


@dataclass(frozen=True)
class Cancel(_Strict):
    """Client: stop request id."""

    id: str
    type: Literal["cancel"] = "cancel"


@dataclass(frozen=True)
class Ping(_Strict):
    """Client: are you alive?"""

    type: Literal["ping"] = "ping"


@dataclass(frozen=True)
class Pong(_Strict):
    """Worker: I am, though I may be busy."""

    type: Literal["pong"] = "pong"


@dataclass(frozen=True)
class Shutdown(_Strict):
    """Client: end when you are done with what you were asked."""

    type: Literal["shutdown"] = "shutdown"


@dataclass(frozen=True)
class ProgressMessage(_Strict):
    """Worker: stage, fraction of the whole that is done, seconds left if known."""

    id: str
    stage: str
    fraction: float
    seconds_left: float | None = None
    type: Literal["progress"] = "progress"


@dataclass(frozen=True)
class Log(_Strict):
    """Worker, or a library in it: something to keep for whoever looks for a cause."""

    text: str
    id: str | None = None
    type: Literal["log"] = "log"


@dataclass(frozen=True)
class Partial(_Strict):
    """Worker: a part of the result that is already final."""

    id: str
    body: dict[str, Any]
    type: Literal["partial"] = "partial"


@dataclass(frozen=True)
class Result(_Strict):
    """Worker: request id is done."""

    id: str
    body: dict[str, Any]
    type: Literal["result"] = "result"


@dataclass(frozen=True)
class Error(_Strict):
    """Worker: request id failed; code is one of the names in errors, hint the next step."""

    id: str
    code: str
    message: str
    hint: str = ""
    type: Literal["error"] = "error"


FromWorker = Hello | Pong | ProgressMessage | Log | Partial | Result | Error
FromClient = Request | Cancel | Ping | Shutdown
Message = FromWorker | FromClient

_ADAPTER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def encode(message: Message) -> bytes:
    """The line for a message, with its end."""
    return PREFIX + _ADAPTER.dump_json(message) + b"\n"


def decode(line: bytes) -> Message:
    """The message in a line, without its end; a line that has no prefix is Log.

    Raises ProtocolError for a damaged message and for the hello of another protocol.
    """
    if not line.startswith(PREFIX):
        return Log(line.decode("utf-8", errors="replace").rstrip("\r"))
    text = line[len(PREFIX) :]
    _refuse_other_protocols(text)
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise ProtocolError(f"a message could not be understood ({error.errors()[0]['msg']})") from error


def _refuse_other_protocols(text: bytes) -> None:
    """A hello of another version may have other fields, so its version is looked at first."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a message is not JSON ({error})") from error
    if isinstance(entries, dict) and entries.get("type") == "hello" and entries.get("protocol") != PROTOCOL:
        raise ProtocolError(f"the worker speaks protocol {entries.get('protocol')!r}, this program {PROTOCOL}")
