"""Sending requests to a worker and telling what comes of them."""

from __future__ import annotations

import queue
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import UserError
from .connection import Connection, Event, Events, Lost, OpenConnection
from .errors import EngineError, ErrorCode
from .exchange import ExchangeFolder
from .job import ClientJob, Decode, JobState
from .messages import Cancel, Error, Hello, Log, Partial, Ping, Pong, ProgressMessage, Request, Result
from .signal import Signal

_AGAIN = "run it again; the next run starts a new worker"
_MOST_ATTEMPTS = 2


@dataclass(frozen=True)
class Patience:
    """How long the client waits, in seconds."""

    start: float = 120.0
    silence: float = 60.0
    ping_every: float = 5.0
    cancel: float = 1.2


class EngineClient:
    """Starts a worker when it is needed, and again after it died; never blocks, never loses a job.

        client = EngineClient(lambda events: WorkerProcess(events, worker_command()))
        job = client.submit("estimate", body, decode)
        client.wait(job)                 # or call client.deliver() from a timer

    All signals are emitted, and all decisions made, inside deliver(), so whoever calls it decides
    the thread. A job that is running when the worker dies fails; those that wait are sent again.
    """

    def __init__(self, open_connection: OpenConnection, patience: Patience | None = None) -> None:
        self.on_log = Signal()
        self.exchange = ExchangeFolder()
        self._open_connection = open_connection
        self._patience = patience or Patience()
        self._connection: Connection | None = None
        self._events: Events = queue.Queue()
        self._jobs: dict[str, ClientJob] = {}
        self._greeted = False
        self._opened_at = self._heard_at = self._pinged_at = 0.0

    @property
    def connected(self) -> bool:
        """Whether there is a worker, starting or ready."""
        return self._connection is not None

    @property
    def busy(self) -> bool:
        """Whether a job is not finished."""
        return bool(self._jobs)

    def start(self) -> None:
        """Start the worker if there is none, so that the first request finds it warm."""
        if self._connection is not None:
            return
        self._events = queue.Queue()
        self._greeted = False
        self._opened_at = self._heard_at = self._pinged_at = time.monotonic()
        try:
            self._connection = self._open_connection(self._events)
        except OSError as error:
            raise EngineError(
                ErrorCode.START, f"the worker could not be started ({error})", "check the Python environment"
            ) from error

    def submit(
        self,
        kind: str,
        body: dict[str, Any],
        decode: Decode,
        folder: Path | None = None,
        timeout_seconds: float | None = None,
    ) -> ClientJob:
        """Ask for something; decode turns the body of the answer into job.result.

        folder, from client.exchange.new(), belongs to the job from now on and is removed with it.
        Raises EngineError if no worker can be started.
        """
        self.start()
        folder = folder or self.exchange.new()
        job = ClientJob(Request(uuid.uuid4().hex, kind, str(folder), body), decode, timeout_seconds)
        self._jobs[job.request.id] = job
        self._send(job)
        return job

    def cancel(self, job: ClientJob) -> None:
        """Stop a job: politely first; a worker that goes on computing is killed by deliver()."""
        if job.finished or job.state == JobState.CANCELLING:
            return
        waiting = job.state == JobState.WAITING
        job.mark_cancelled()
        if self._connection is not None:
            self._connection.send(Cancel(job.request.id))
        if waiting:  # the worker passes over it when its turn comes
            self._fail(job, ErrorCode.CANCELLED, "the analysis was cancelled")

    def deliver(self, wait_seconds: float = 0.0) -> None:
        """Handle what came from the worker, waiting up to wait_seconds for something, and look at clocks."""
        try:
            event: Event | None = self._events.get(timeout=wait_seconds) if wait_seconds else self._events.get_nowait()
            events = self._events
            while event is not None:
                self._handle(event)
                # A handler may have dropped the connection, and what else it sent with it.
                event = events.get_nowait() if events is self._events else None
        except queue.Empty:
            pass  # everything is handled
        self._look_at_clocks()

    def wait(self, job: ClientJob) -> Any:
        """Deliver until job is finished and return its result; raises its error."""
        while not job.finished:
            self.deliver(wait_seconds=0.05)
        if job.error is not None:
            raise job.error
        return job.result

    def close(self) -> None:
        """Fail what is not finished, let go of the worker, remove all files."""
        for job in list(self._jobs.values()):
            self._fail(job, ErrorCode.CANCELLED, "the engine was closed")
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.exchange.close()

    def _send(self, job: ClientJob) -> None:
        job.attempts += 1
        if self._connection is not None:
            self._connection.send(job.request)

    def _handle(self, event: Event) -> None:
        self._heard_at = time.monotonic()
        if isinstance(event, Log):
            self.on_log.emit(event.text)
        elif isinstance(event, Lost):
            if self._connection is not None:
                self._lost(event, self._connection)
        elif isinstance(event, Hello):
            self._greeted = True
        elif not self._greeted or not isinstance(event, ProgressMessage | Partial | Result | Error | Pong):
            self._drop(ErrorCode.PROTOCOL, "the worker does not follow the protocol", "update Med3DInsight")
        elif not isinstance(event, Pong) and event.id in self._jobs:
            self._advance(self._jobs[event.id], event)

    def _advance(self, job: ClientJob, event: ProgressMessage | Partial | Result | Error) -> None:
        if isinstance(event, ProgressMessage):
            job.progress(event)
        elif isinstance(event, Partial):
            job.partial(event)
        elif isinstance(event, Error):
            known = event.code in list(ErrorCode)
            self._fail(job, ErrorCode(event.code) if known else ErrorCode.INTERNAL, event.message, event.hint)
        else:
            try:
                job.succeed(event.body)
            except UserError as error:
                self._fail(job, ErrorCode.INPUT, str(error))
            except ValidationError as error:
                self._fail(job, ErrorCode.PROTOCOL, f"the answer is not valid ({error.errors()[0]['msg']})")
            else:
                self._finish(job)

    def _fail(self, job: ClientJob, code: ErrorCode, cause: str, next_step: str = "") -> None:
        job.fail(code, cause, next_step)
        self._finish(job)

    def _finish(self, job: ClientJob) -> None:
        del self._jobs[job.request.id]
        self.exchange.discard(job.folder)
        job.on_finished.emit(job)

    def _lost(self, event: Lost, connection: Connection) -> None:
        how = connection.epitaph()
        if event.why is not None:
            self._drop(ErrorCode.PROTOCOL, f"the worker does not follow the protocol: {event.why}", _AGAIN)
        elif connection.ended_by_itself:
            self._drop(None)
        elif not self._greeted:
            self._drop(ErrorCode.START, f"the worker could not start ({how})", "check the Python environment")
        else:
            self._drop(ErrorCode.DIED, f"the worker process ended unexpectedly ({how})", _AGAIN)

    def _drop(self, code: ErrorCode | None, cause: str = "", next_step: str = "") -> None:
        """Let go of a worker that is of no use: the first job fails with code, the others start anew."""
        connection, self._connection = self._connection, None
        self._events = queue.Queue()
        if connection is not None:
            connection.kill()
        jobs = list(self._jobs.values())
        for index, job in enumerate(jobs):
            if job.state == JobState.CANCELLING:
                self._fail(job, ErrorCode.CANCELLED, "the analysis was cancelled")
            elif job.attempts >= _MOST_ATTEMPTS or (index == 0 and code is not None):
                self._fail(job, code or ErrorCode.DIED, cause or "the worker ended twice", next_step or _AGAIN)
        self._send_again([job for job in jobs if not job.finished])

    def _send_again(self, jobs: list[ClientJob]) -> None:
        try:
            if jobs:
                self.start()
        except EngineError as error:
            for job in jobs:
                self._fail(job, error.code, error.cause, error.next_step)
        else:
            for job in jobs:
                self._send(job)

    def _look_at_clocks(self) -> None:
        if self._connection is None:
            return
        now, patience = time.monotonic(), self._patience
        jobs = list(self._jobs.values())
        if not self._greeted and now - self._opened_at > patience.start:
            how = self._connection.epitaph()
            self._drop(ErrorCode.START, f"the worker did not start within {patience.start:.0f} s ({how})", _AGAIN)
        elif any(job.cancelling_for_seconds() > patience.cancel for job in jobs):
            self._drop(None)
        elif overdue := [job for job in jobs if job.overdue]:
            self._fail(overdue[0], ErrorCode.TIMEOUT, "the time that was given is over", "allow more time")
            self._drop(None)
        elif self._greeted and jobs:
            self._check_pulse(self._connection, now)

    def _check_pulse(self, connection: Connection, now: float) -> None:
        if now - self._heard_at > self._patience.silence:
            self._drop(ErrorCode.SILENT, f"the worker did not answer for {self._patience.silence:.0f} s", _AGAIN)
        elif now - self._pinged_at > self._patience.ping_every:
            self._pinged_at = now
            connection.send(Ping())
