"""What is asked of a worker about models, one job at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...engine.job import ClientJob
from ...engine.remote_catalog import RemoteCatalog
from ...engine.signal import Signal
from ..job_in_hand import JobInHand
from ..slicer_engine import SlicerEngine


class ModelJobs:
    """Runs jobs about models in a worker of their own, so that analyses go on meanwhile.

        jobs = ModelJobs(qt.QTimer())
        jobs.on_progress.connect(show)                          # a ProgressMessage
        jobs.on_failed.connect(tell)                            # a UserError
        jobs.take(lambda catalog: catalog.get(request), done)   # done gets the result
        jobs.close()

    The worker is started by the first job, and ended by close(), after which the next job starts another one.
    The signals and done are those of JobInHand.
    """

    def __init__(self, timer: Any) -> None:
        self.on_progress = Signal()
        self.on_failed = Signal()
        self.on_changed = Signal()
        self._timer = timer
        self._engine: SlicerEngine | None = None
        self._hand: JobInHand | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._hand is not None and self._hand.busy

    def take(self, ask: Callable[[RemoteCatalog], ClientJob], done: Callable[[Any], object]) -> None:
        """Start a job and follow it; raises EngineError if no worker can be started."""
        if self._engine is None:
            self._engine = SlicerEngine(self._timer)
        if self._hand is None:
            self._hand = self._following(JobInHand(self._engine.client))
        self._hand.take(ask(RemoteCatalog(self._engine.client)), done)

    def cancel(self) -> None:
        """Ask the worker to stop; on_failed tells when it has."""
        if self._hand is not None:
            self._hand.cancel()

    def close(self) -> None:
        """Stop what runs, say nothing more of it, and end the worker; what was fetched so far stays for the next."""
        if self._hand is not None:
            self._hand.abandon()
        if self._engine is not None:
            self._engine.close()
        self._hand = self._engine = None

    def _following(self, hand: JobInHand) -> JobInHand:
        hand.on_progress.connect(self.on_progress.emit)
        hand.on_failed.connect(self.on_failed.emit)
        hand.on_changed.connect(self.on_changed.emit)
        return hand
