"""Sending requests to a worker and telling what comes of them."""

from __future__ import annotations

import uuid
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from .connection import Connection, Event, Lost, OpenConnection
from .errors import EngineError, ErrorCode, failure_of
from .exchange import ExchangeFolder
from .inbox import Inbox, Line
from .job import ClientJob, Decode, Encode, JobState
from .messages import Cancel, Error, Hello, Log, Partial, Ping, Pong, ProgressMessage, Request, Result
from .pulse import Patience, Pulse
from .signal import Signal

_AGAIN = "run it again; the next run starts a new worker"
_MOST_ATTEMPTS = 2


class EngineClient:
    """Starts a worker when it is needed, and again after it died; never blocks, never loses a job.

        client = EngineClient(lambda events: WorkerProcess(events, worker_command()))
        job = client.submit("estimate", encode, decode)
        client.wait(job)                 # or call client.deliver() from a timer

    All signals are emitted, and all decisions made, inside deliver(), so whoever calls it decides
    the thread. Only encode and decode, which write and read files, run on a thread of their own. A job
    that is running when the worker dies fails; those that wait are sent again.
    """

    def __init__(self, open_connection: OpenConnection, patience: Patience | None = None) -> None:
        self.on_log = Signal()
        self.exchange = ExchangeFolder()
        self._open_connection = open_connection
        self._patience = patience or Patience()
        self._connection: Connection | None = None
        self._inbox = Inbox()
        self._line: Line[Event] | None = None
        self._jobs: dict[str, ClientJob] = {}
        self._reading: dict[str, ClientJob] = {}
        self._pulse = Pulse(self._patience)

    @property
    def connected(self) -> bool:
        """Whether there is a worker, starting or ready."""
        return self._connection is not None

    @property
    def busy(self) -> bool:
        """Whether a job is not finished."""
        return bool(self._jobs or self._reading)

    def start(self) -> None:
        """Start the worker if there is none, so that the first request finds it warm."""
        if self._connection is not None:
            return
        self._line = Line(self._inbox, self._handle)
        self._pulse = Pulse(self._patience)
        try:
            self._connection = self._open_connection(self._line)
        except OSError as error:
            raise EngineError(
                ErrorCode.START, f"the worker could not be started ({error})", "check the Python environment"
            ) from error

    def submit(
        self,
        kind: str,
        encode: Encode,
        decode: Decode,
        folder: Path | None = None,
        timeout_seconds: float | None = None,
    ) -> ClientJob:
        """Ask for something: encode makes the body of the request, decode turns that of the answer into job.result.

        folder, from client.exchange.new(), belongs to the job from now on and is removed with it.
        Raises EngineError if no worker can be started.
        """
        self.start()
        folder = folder or self.exchange.new()
        job = ClientJob(Request(uuid.uuid4().hex, kind, str(folder), {}), decode, timeout_seconds)
        self._jobs[job.request.id] = job
        self._inbox.aside(encode, lambda body: self._encoded(job, body))
        return job

    def cancel(self, job: ClientJob) -> None:
        """Stop a job: politely first; a worker that goes on computing is killed by deliver()."""
        if job.finished or job.state == JobState.CANCELLING:
            return
        computing = job.request.id in self._jobs and job.state == JobState.RUNNING
        job.mark_cancelled()
        if self._connection is not None and job.attempts:
            self._connection.send(Cancel(job.request.id))
        if not computing:  # the worker is done with it, or passes over it when its turn comes
            self._fail(job, ErrorCode.CANCELLED, "the analysis was cancelled")

    def deliver(self, wait_seconds: float = 0.0) -> None:
        """Handle what came from the worker, waiting up to wait_seconds for something, and look at clocks."""
        self._inbox.run(wait_seconds)
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
        for job in [*self._jobs.values(), *self._reading.values()]:
            self._fail(job, ErrorCode.CANCELLED, "the engine was closed")
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._inbox.close()
        self.exchange.close()

    def _send(self, job: ClientJob) -> None:
        job.attempts += 1
        if self._connection is not None:
            self._connection.send(job.request)

    def _encoded(self, job: ClientJob, body: Future[dict[str, Any]]) -> None:
        if job.finished:  # cancelled meanwhile, and its folder may have been written into again
            self.exchange.discard(job.folder)
        elif (error := body.exception()) is not None:
            self._fail(job, *failure_of(error))
        else:
            job.request = replace(job.request, body=body.result())
            self._send_to_worker([job])

    def _decoded(self, job: ClientJob, result: Future[Any]) -> None:
        if job.finished:  # cancelled meanwhile
            return
        if (error := result.exception()) is not None:
            self._fail(job, *failure_of(error))
        else:
            job.succeed(result.result())
            self._finish(job)

    def _handle(self, line: Line[Event], event: Event) -> None:
        if line is not self._line:
            return  # a connection that was dropped, and what else it sent with it
        self._pulse.hear()
        if isinstance(event, Log):
            self.on_log.emit(event.text)
        elif isinstance(event, Lost):
            if self._connection is not None:
                self._lost(event, self._connection)
        elif isinstance(event, Hello):
            self._pulse.greeted = True
        elif not self._pulse.greeted or not isinstance(event, ProgressMessage | Partial | Result | Error | Pong):
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
            # The worker is done with it, whatever happens to the worker now.
            self._reading[job.request.id] = self._jobs.pop(job.request.id)
            self._inbox.aside(lambda: job.decode(event.body), lambda result: self._decoded(job, result))

    def _fail(self, job: ClientJob, code: ErrorCode, cause: str, next_step: str = "") -> None:
        job.fail(code, cause, next_step)
        self._finish(job)

    def _finish(self, job: ClientJob) -> None:
        self._jobs.pop(job.request.id, None)
        self._reading.pop(job.request.id, None)
        self.exchange.discard(job.folder)
        job.on_finished.emit(job)

    def _lost(self, event: Lost, connection: Connection) -> None:
        how = connection.epitaph()
        if event.why is not None:
            self._drop(ErrorCode.PROTOCOL, f"the worker does not follow the protocol: {event.why}", _AGAIN)
        elif connection.ended_by_itself:
            self._drop(None)
        elif not self._pulse.greeted:
            self._drop(ErrorCode.START, f"the worker could not start ({how})", "check the Python environment")
        else:
            self._drop(ErrorCode.DIED, f"the worker process ended unexpectedly ({how})", _AGAIN)

    def _drop(self, code: ErrorCode | None, cause: str = "", next_step: str = "") -> None:
        """Let go of a worker that is of no use: the first job fails with code, the others start anew."""
        connection, self._connection, self._line = self._connection, None, None
        if connection is not None:
            connection.kill()
        jobs = [job for job in self._jobs.values() if job.attempts]
        for index, job in enumerate(jobs):
            if job.state == JobState.CANCELLING:
                self._fail(job, ErrorCode.CANCELLED, "the analysis was cancelled")
            elif job.attempts >= _MOST_ATTEMPTS or (index == 0 and code is not None):
                self._fail(job, code or ErrorCode.DIED, cause or "the worker ended twice", next_step or _AGAIN)
        self._send_to_worker([job for job in jobs if not job.finished])

    def _send_to_worker(self, jobs: list[ClientJob]) -> None:
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
        jobs = list(self._jobs.values())
        if self._pulse.never_started:
            how = self._connection.epitaph()
            self._drop(ErrorCode.START, f"the worker did not start within {self._patience.start:.0f} s ({how})", _AGAIN)
        elif any(job.cancelling_for_seconds() > self._patience.cancel for job in jobs):
            self._drop(None)
        elif overdue := [job for job in jobs if job.overdue]:
            self._fail(overdue[0], ErrorCode.TIMEOUT, "the time that was given is over", "allow more time")
            self._drop(None)
        elif self._pulse.greeted and jobs and self._pulse.silent:
            self._drop(ErrorCode.SILENT, f"the worker did not answer for {self._patience.silence:.0f} s", _AGAIN)
        elif self._pulse.greeted and jobs and self._pulse.ask():
            self._connection.send(Ping())
