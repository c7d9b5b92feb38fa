"""How far the transfer of a model is, and the wish to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .errors import TransferCancelled

_TELL_EVERY_SECONDS = 0.1
_TELLING_SECONDS = 0.5


class Cancellation(Protocol):
    """Anything that can be asked whether to stop; threading.Event is one."""

    def is_set(self) -> bool:
        """Whether the transfer should stop."""


@dataclass(frozen=True)
class Transfer:
    """One report: what is done with which file, and the bytes of the whole model.

    seconds_left is None until there is enough to tell it from.
    """

    stage: str
    done_bytes: int
    total_bytes: int
    seconds_left: float | None

    @property
    def fraction(self) -> float:
        """The part of the model that is here."""
        return min(1.0, max(0.0, self.done_bytes / max(1, self.total_bytes)))

    @property
    def text(self) -> str:
        """The stage and the bytes as a user reads them."""
        return f"{self.stage}, {self.done_bytes / 1e6:.1f} of {self.total_bytes / 1e6:.1f} MB"


TransferCallback = Callable[[Transfer], None]


class TransferTracker:
    """Turns bytes into reports, some ten a second at most.

        tracker = TransferTracker(entry.size_bytes, print, cancel)
        tracker.keep(1000)      # bytes that an earlier run has fetched: they count, but not for the speed
        tracker.move(64_000)    # bytes that came now

    Every call raises TransferCancelled if that was asked for.
    """

    def __init__(
        self, total_bytes: int, callback: TransferCallback | None = None, cancel: Cancellation | None = None
    ) -> None:
        self.stage = "connecting"
        self._total_bytes = total_bytes
        self._callback = callback
        self._cancel = cancel
        self._kept_bytes = 0
        self._moved_bytes = 0
        self._first_at: float | None = None
        self._told_at = 0.0

    def enter(self, stage: str) -> None:
        """Tell that another stage has begun."""
        self.stage = stage
        self.check()
        self._tell(time.monotonic())

    def keep(self, count: int) -> None:
        """Count bytes that need not be moved, or, below zero, those that have to be moved after all."""
        self._kept_bytes += count
        self.check()

    def move(self, count: int) -> None:
        """Count bytes that were moved."""
        now = time.monotonic()
        if self._first_at is None:
            self._first_at = now
        self._moved_bytes += count
        self.check()
        if now - self._told_at >= _TELL_EVERY_SECONDS:
            self._tell(now)

    def check(self) -> None:
        """Raise TransferCancelled if that was asked for."""
        if self._cancel is not None and self._cancel.is_set():
            raise TransferCancelled(
                "fetching the model was cancelled", next_step="start it again when you like; it goes on where it was"
            )

    def _tell(self, now: float) -> None:
        self._told_at = now
        if self._callback is not None:
            done = self._kept_bytes + self._moved_bytes
            self._callback(Transfer(self.stage, done, self._total_bytes, self._seconds_left(now, done)))

    def _seconds_left(self, now: float, done: int) -> float | None:
        elapsed = 0.0 if self._first_at is None else now - self._first_at
        if elapsed < _TELLING_SECONDS or self._moved_bytes <= 0:
            return None
        return max(0, self._total_bytes - done) * elapsed / self._moved_bytes
