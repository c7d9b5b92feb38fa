"""What is to be computed, in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..messages import Request

if TYPE_CHECKING:
    from .channel import Channel


class Job:
    """A request of one client; cancel is set when it should stop."""

    def __init__(self, channel: Channel, request: Request) -> None:
        self.channel = channel
        self.request = request
        self.cancel = threading.Event()


class JobQueue:
    """Hands jobs from the threads that read to the one that computes.

    The running job stays in the queue until it is done, so that it can be cancelled like the others.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._closed = False

    def put(self, job: Job) -> None:
        """Add a job to the end."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def first(self, timeout_seconds: float) -> Job | None:
        """The job to run next, waiting for one; None if there was none in time or the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed, timeout_seconds)
            return self._jobs[0] if self._jobs else None

    def done(self, job: Job) -> None:
        """Take a job out, whatever became of it."""
        with self._changed:
            self._jobs.remove(job)

    def cancel(self, channel: Channel, identity: str) -> None:
        """Ask a job of channel to stop; nothing happens if it is done already."""
        self._cancel(lambda job: job.channel is channel and job.request.id == identity)

    def cancel_all(self, channel: Channel | None = None) -> None:
        """Ask all jobs of channel to stop, or all jobs there are."""
        self._cancel(lambda job: channel is None or job.channel is channel)

    def close(self) -> None:
        """No further jobs will come; what is queued may still be run."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    def _cancel(self, concerns: Callable[[Job], bool]) -> None:
        with self._changed:
            for job in self._jobs:
                if concerns(job):
                    job.cancel.set()
