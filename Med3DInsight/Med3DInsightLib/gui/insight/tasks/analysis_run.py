"""Several things found out about a volume, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ....engine.errors import EngineError, ErrorCode
from ....engine.messages import ProgressMessage
from ....engine.signal import Signal
from ....errors import UserError
from ...job_in_hand import JobInHand, as_failure


@dataclass(frozen=True)
class RunStep:
    """Something to find out: begin asks the worker, and hand follows what becomes of it."""

    name: str
    hand: JobInHand
    begin: Callable[[], object]


class AnalysisRun:
    """Takes steps in their order; the first that fails ends the run, and what was found before stays.

        run = AnalysisRun()
        run.on_progress.connect(show)           # (fraction of the whole, name of the step, seconds left of it or None)
        run.on_finished.connect(tell)           # ()
        run.on_failed.connect(tell)             # a UserError
        run.start([RunStep("classes", task.hand, lambda: task.explain(...))])

    Exactly one of on_finished and on_failed ends a run that was started.
    """

    def __init__(self) -> None:
        self.on_progress = Signal()
        self.on_finished = Signal()
        self.on_failed = Signal()
        self._left: list[RunStep] = []
        self._count = 0

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return bool(self._left)

    def start(self, steps: Sequence[RunStep]) -> None:
        """Begin with the first step; raises UserError if it cannot begin, for whatever reason: there is no run then."""
        self._left, self._count = list(steps), len(steps)
        try:
            self._begin()
        except UserError:
            self.abandon()
            raise
        except Exception as error:
            self.abandon()
            raise as_failure(error) from error

    def cancel(self) -> None:
        """Ask the step that is under way to stop; on_failed tells when it has."""
        if self._left:
            self._left[0].hand.cancel()

    def abandon(self) -> None:
        """Stop, and tell nothing more."""
        left, self._left = self._left, []
        if left:
            self._hear(left[0], False)
            left[0].hand.abandon()

    def _begin(self) -> None:
        step = self._left[0]
        self.on_progress.emit((self._count - len(self._left)) / self._count, step.name, None)
        step.begin()
        if step.hand.busy:
            self._hear(step, True)
        else:  # there was nothing to ask
            self._done()

    def _progress(self, message: ProgressMessage) -> None:
        done = self._count - len(self._left)
        self.on_progress.emit((done + message.fraction) / self._count, self._left[0].name, message.seconds_left)

    def _done(self) -> None:
        self._hear(self._left.pop(0), False)
        if not self._left:
            self.on_finished.emit()
            return
        try:
            self._begin()
        except Exception as error:
            self._failed(as_failure(error))

    def _failed(self, error: UserError) -> None:
        self._hear(self._left[0], False)
        self._left = []
        self.on_failed.emit(error)

    def _abandoned(self) -> None:
        """What the step was for has gone, such as a volume that is not chosen any more."""
        self._failed(EngineError(ErrorCode.CANCELLED, f"'{self._left[0].name}' was given up"))

    def _hear(self, step: RunStep, hear: bool) -> None:
        for signal, slot in (
            (step.hand.on_progress, self._progress),
            (step.hand.on_done, self._done),
            (step.hand.on_failed, self._failed),
            (step.hand.on_abandoned, self._abandoned),
        ):
            (signal.connect if hear else signal.disconnect)(slot)
