"""What can come of one attempt to ask a server."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import CaptionError
from .chat_format import ChatAnswer, RefusedEntry


@dataclass(frozen=True)
class TryAgain:
    """A failure that may pass; retry_after_s is what the server asks for.

    befalls_all tells that it would be the same for any other picture, if it did not pass.
    """

    reason: str
    retry_after_s: float | None = None
    befalls_all: bool = False


@dataclass(frozen=True)
class NoAnswer:
    """A failure of this picture that would come again; named are entries of the request that it may be for."""

    reason: str
    named: frozenset[RefusedEntry] = frozenset()


@dataclass(frozen=True)
class Hopeless:
    """A failure that would befall every picture."""

    error: CaptionError


Outcome = ChatAnswer | TryAgain | NoAnswer | Hopeless
