"""Reading messages from a stream of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from .messages import LONGEST_LINE_BYTES, Message, ProtocolError, decode

_CHUNK_BYTES = 65536


class ByteSource(Protocol):
    """Anything that gives some of the bytes there are, waiting for at least one; b"" at the end."""

    def read1(self, size: int, /) -> bytes:
        """Up to size bytes."""


def read_lines(source: ByteSource, longest: int = LONGEST_LINE_BYTES) -> Iterator[bytes]:
    """The lines of source without their ends; what follows the last end comes as a line too.

    Raises ProtocolError if longest bytes come without an end, so that memory stays bounded.
    """
    rest = bytearray()
    while chunk := source.read1(_CHUNK_BYTES):
        *lines, tail = chunk.split(b"\n")
        for line in lines:
            yield bytes(rest) + line
            rest.clear()
        rest += tail
        if len(rest) > longest:
            raise ProtocolError(f"more than {longest} bytes came without the end of a line")
    if rest:
        yield bytes(rest)


def read_messages(source: ByteSource) -> Iterator[Message]:
    """The messages of source until it ends; raises ProtocolError as read_lines and decode do."""
    for line in read_lines(source):
        if line.strip():
            yield decode(line)
