"""The client's end of the line to a worker."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .lines import ByteSource, read_messages
from .messages import FromClient, Message, ProtocolError

_LONGEST_LOG_LINE = 2000


@dataclass(frozen=True)
class Lost:
    """The connection ended; why is None if the other side just closed it."""

    why: ProtocolError | None = None


Event = Message | Lost


class Events(Protocol):
    """Where a connection puts what comes from its worker; a queue.Queue will do."""

    def put(self, event: Event) -> None:
        """Take an event, from any thread."""


class Connection(Protocol):
    """A line to a worker; what comes from it is put into the Events it was opened with."""

    def send(self, message: FromClient) -> None:
        """Send a message; one that cannot be sent is followed by Lost."""

    def close(self) -> None:
        """Let go of the worker; it ends, or serves others."""

    def kill(self) -> None:
        """End what this client started, at once and with all its children."""

    def epitaph(self) -> str:
        """How the worker ended, and its last words, for an error message."""

    @property
    def ended_by_itself(self) -> bool:
        """Whether the worker ended in good order, as one does that was idle for long."""


OpenConnection = Callable[[Events], Connection]


def read_into(source: ByteSource, events: Events, name: str) -> threading.Thread:
    """Put the messages of source into events from a thread; Lost is the last."""

    def read() -> None:
        why = None
        try:
            for message in read_messages(source):
                events.put(message)
        except ProtocolError as error:
            why = error
        except (OSError, ValueError):
            why = None  # closed while reading
        events.put(Lost(why))

    thread = threading.Thread(target=read, name=name, daemon=True)
    thread.start()
    return thread


def keep_last_lines(source: ByteSource, last: deque[str], on_line: Callable[[str], None]) -> threading.Thread:
    """Keep the last lines of a stream of text and tell on_line each; runs in a thread."""

    def read() -> None:
        rest = ""
        while chunk := source.read1(65536):
            *lines, rest = (rest + chunk.decode("utf-8", errors="replace")).split("\n")
            rest = rest[-_LONGEST_LOG_LINE:]
            for line in lines:
                if text := line.rstrip()[:_LONGEST_LOG_LINE]:
                    last.append(text)
                    on_line(text)

    thread = threading.Thread(target=read, name="worker log", daemon=True)
    thread.start()
    return thread
