"""How far an analysis is, and the wish to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...errors import UserError


class AnalysisCancelled(UserError):
    """The analysis was stopped on request; nothing was produced."""


class Cancellation(Protocol):
    """Anything that can be asked whether to stop; threading.Event is one."""

    def is_set(self) -> bool:
        """Whether the analysis should stop."""


@dataclass(frozen=True)
class Progress:
    """One report: the stage, the fraction of the whole that is done, and the time left in seconds.

    seconds_left is None until there is enough to tell it from.
    """

    stage: str
    fraction: float
    seconds_left: float | None


ProgressCallback = Callable[[Progress], None]


class ProgressTracker:
    """Turns "step 3 of 9 of this stage" into a fraction of the whole and a time left.

        tracker = ProgressTracker({"preparing": 0.1, "windows": 0.9}, callback, cancel)
        tracker.report("windows", 3, 9)     # callback gets fraction 0.4

    Every report also raises AnalysisCancelled if that was asked for, so that no stage can forget to
    look. Stages come in the order of shares.
    """

    def __init__(
        self,
        shares: dict[str, float],
        callback: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> None:
        total = sum(shares.values())
        self._shares = {stage: share / total for stage, share in shares.items()}
        self._callback = callback
        self._cancel = cancel
        self._started_at = time.monotonic()
        self._furthest = 0.0

    def report(self, stage: str, done: int, of: int) -> None:
        """Tell the callback that done of the of equal steps of stage are finished."""
        self.check()
        if self._callback is None:
            return
        stages = list(self._shares)
        before = sum(self._shares[name] for name in stages[: stages.index(stage)])
        # A stage that is repeated, because memory ran out, does not take back what was told.
        self._furthest = fraction = max(self._furthest, min(1.0, before + self._shares[stage] * done / max(1, of)))
        elapsed = time.monotonic() - self._started_at
        left = elapsed * (1.0 - fraction) / fraction if fraction > 0.02 else None
        self._callback(Progress(stage, fraction, left))

    def check(self) -> None:
        """Raise AnalysisCancelled if that was asked for; for what waits longer than a moment between reports."""
        if self._cancel is not None and self._cancel.is_set():
            raise AnalysisCancelled("the analysis was cancelled", next_step="start it again when you like")
