"""How far an evaluation is."""

from __future__ import annotations

import time
from collections.abc import Callable

from Med3DInsightLib.analysis.computing.progress import Progress, ProgressCallback


class CaseProgress:
    """Turns "half of the third of 40 steps" into a fraction of the whole and a time left.

        progress = CaseProgress(40, callback)
        progress.begin("case_07")
        model.segment(volume, progress.within)
        progress.end()

    Steps that end without having begun were done by an earlier run: they say nothing about the pace.
    """

    def __init__(self, steps: int, callback: ProgressCallback, clock: Callable[[], float] = time.monotonic) -> None:
        self._steps = steps
        self._callback = callback
        self._clock = clock
        self._stage = ""
        self._began_at: float | None = None
        self._ended = self._computed = 0
        self._seconds = 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the pace of the steps that were computed so far; None before the first."""
        return self._seconds / self._computed * (self._steps - self._ended) if self._computed else None

    def begin(self, stage: str) -> None:
        """A step is computed now."""
        self._stage = stage
        self._began_at = self._clock()
        self._tell(0.0)

    def within(self, progress: Progress) -> None:
        """How far the step is; fits where a ProgressCallback is wanted."""
        self._tell(progress.fraction)

    def end(self) -> None:
        """A step is done, or need not be done."""
        self._ended += 1
        if self._began_at is not None:
            self._seconds += self._clock() - self._began_at
            self._computed += 1
            self._began_at = None
        self._tell(0.0)

    def skip_to(self, ended: int) -> None:
        """So many steps are behind, also those of a case that could not be used."""
        self._ended = ended
        self._began_at = None
        self._tell(0.0)

    def _tell(self, part: float) -> None:
        seconds = self._seconds + (self._clock() - self._began_at if self._began_at is not None else 0.0)
        computed = self._computed + part
        left = seconds / computed * (self._steps - self._ended - part) if computed > 0 else None
        self._callback(Progress(self._stage, (self._ended + part) / max(1, self._steps), left))
