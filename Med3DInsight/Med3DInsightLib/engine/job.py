"""One request from the client's side."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from .errors import EngineError, ErrorCode
from .messages import Partial, ProgressMessage, Request
from .signal import Signal

Encode = Callable[[], dict[str, Any]]
Decode = Callable[[dict[str, Any]], Any]


class JobState(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"


class ClientJob:
    """A request that was submitted, and what came of it.

    on_progress gets ProgressMessage, on_partial Partial, on_finished the job itself, exactly once,
    whatever happens. Then result is what decode made of the answer, or error says why there is none.
    The request is complete, with its body, once the job was sent.
    """

    def __init__(self, request: Request, decode: Decode, timeout_seconds: float | None = None) -> None:
        self.request = request
        self.decode = decode
        self.on_progress = Signal()
        self.on_partial = Signal()
        self.on_finished = Signal()
        self.result: Any = None
        self.error: EngineError | None = None
        self.attempts = 0
        self._started_at = time.monotonic()
        self._timeout_seconds = timeout_seconds
        self._succeeded = False
        self._progressed = False
        self._cancelled_at: float | None = None

    @property
    def state(self) -> JobState:
        """How far it is."""
        if self._succeeded:
            return JobState.DONE
        if self.error is not None:
            return JobState.FAILED
        if self._cancelled_at is not None:
            return JobState.CANCELLING
        return JobState.RUNNING if self._progressed else JobState.WAITING

    @property
    def finished(self) -> bool:
        """Whether there is a result or an error."""
        return self._succeeded or self.error is not None

    @property
    def folder(self) -> Path:
        """The private folder of the request."""
        return Path(self.request.folder)

    @property
    def overdue(self) -> bool:
        """Whether the time it was given is over."""
        return self._timeout_seconds is not None and time.monotonic() - self._started_at > self._timeout_seconds

    def cancelling_for_seconds(self) -> float:
        """How long ago it was asked to stop; 0 if it was not."""
        return 0.0 if self._cancelled_at is None else time.monotonic() - self._cancelled_at

    def mark_cancelled(self) -> None:
        """Note that it was asked to stop."""
        self._cancelled_at = self._cancelled_at or time.monotonic()

    def progress(self, message: ProgressMessage) -> None:
        """Pass on how far it is."""
        self._progressed = True
        self.on_progress.emit(message)

    def partial(self, message: Partial) -> None:
        """Pass on a part of the result."""
        self.on_partial.emit(message)

    def succeed(self, result: Any) -> None:
        """Take the result in."""
        self.result = result
        self._succeeded = True

    def fail(self, code: ErrorCode, cause: str, next_step: str = "") -> None:
        """Note the error."""
        self.error = EngineError(code, cause, next_step)
