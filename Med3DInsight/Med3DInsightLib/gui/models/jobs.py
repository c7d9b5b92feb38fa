"""What is asked of a worker about models, one job at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...engine.errors import EngineError, ErrorCode
from ...engine.job import ClientJob
from ...engine.remote_catalog import RemoteCatalog
from ...engine.signal import Signal
from ...errors import UserError
from ..slicer_engine import SlicerEngine


class ModelJobs:
    """Runs jobs about models in a worker of their own, so that analyses go on meanwhile.

        jobs = ModelJobs(qt.QTimer())
        jobs.on_progress.connect(show)                          # a ProgressMessage
        jobs.on_failed.connect(tell)                            # a UserError
        jobs.take(lambda catalog: catalog.get(request), done)   # done gets the result
        jobs.close()

    The worker is started by the first job, and ended by close(), after which the next job starts another one.
    on_changed tells when busy has changed. A UserError that done raises is the failure of the job.
    """

    def __init__(self, timer: Any) -> None:
        self.on_progress = Signal()
        self.on_failed = Signal()
        self.on_changed = Signal()
        self._timer = timer
        self._engine: SlicerEngine | None = None
        self._job: ClientJob | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    def take(self, ask: Callable[[RemoteCatalog], ClientJob], done: Callable[[Any], object]) -> None:
        """Start a job and follow it; raises EngineError if no worker can be started."""
        if self._engine is None:
            self._engine = SlicerEngine(self._timer)
        job = self._job = ask(RemoteCatalog(self._engine.client))
        job.on_progress.connect(lambda message: self._progressed(job, message))
        job.on_finished.connect(lambda finished: self._finished(finished, done))
        self.on_changed.emit()

    def cancel(self) -> None:
        """Ask the worker to stop; on_failed tells when it has."""
        if self._engine is not None and self._job is not None:
            self._engine.client.cancel(self._job)

    def close(self) -> None:
        """Stop what runs, say nothing more of it, and end the worker; what was fetched so far stays for the next."""
        engine, self._engine = self._engine, None
        busy, self._job = self.busy, None
        if engine is not None:
            engine.close()
        if busy:
            self.on_changed.emit()

    def _progressed(self, job: ClientJob, message: Any) -> None:
        if job is self._job:
            self.on_progress.emit(message)

    def _finished(self, job: ClientJob, done: Callable[[Any], object]) -> None:
        if job is not self._job:
            return
        self._job = None
        try:
            if job.error is not None:
                raise job.error
            done(job.result)
        except UserError as error:
            self.on_failed.emit(error)
        self.on_changed.emit()


def was_cancelled(error: UserError) -> bool:
    """Whether a job ended because the user wanted it."""
    return isinstance(error, EngineError) and error.code == ErrorCode.CANCELLED
