"""The main loop of a worker process."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from ... import __version__
from ...analysis.computing.fast_import import fast_import
from ...analysis.computing.kept_pages import keep_pages, return_pages
from ..lines import ByteSource
from ..messages import PROTOCOL, Hello
from .channel import Channel
from .jobs import JobQueue
from .lifetime import ParentWatch

_LOOK_EVERY_SECONDS = 0.2
_GRACE_SECONDS = 2.0


class WorkerLoop:
    """Computes what its channels ask for, one job after the other, until it is told to end or idle.

    loop = WorkerLoop(idle_seconds=600)
    loop.serve_pipe(stdin, stdout)      # returns at once; a thread reads
    loop.run()                          # returns when the worker should end
    """

    def __init__(self, idle_seconds: float) -> None:
        self.jobs = JobQueue()
        self._idle_seconds = idle_seconds
        self._channels: list[Channel] = []
        self._abandoned = threading.Event()
        self._hello = Hello(PROTOCOL, __version__, os.getpid())

    def serve_pipe(self, source: ByteSource, sink: BinaryIO) -> None:
        """Serve the process that started this one; when it closes the pipe the worker ends."""

        def read(channel: Channel) -> None:
            if channel.read(self._hello):
                self.jobs.close()
            else:
                self._abandon()

        self._start(read, source, sink)

    def serve_client(self, source: ByteSource, sink: BinaryIO, hang_up: Callable[[], None]) -> None:
        """Serve one of several clients; when it hangs up, the worker is there for the others.

        hang_up closes the line at the end, and when the client takes no messages: one that is not understood must not
        wait for an answer, and one that is stopped not keep the others waiting.
        """

        def read(channel: Channel) -> None:
            try:
                channel.read(self._hello)
            finally:
                hang_up()
                channel.remove_folders()
                self._channels.remove(channel)

        self._start(read, source, sink, hang_up)

    def watch_parent(self, pid: int) -> None:
        """End soon after the process pid is gone."""
        ParentWatch(pid, self._abandon).start()

    def run(
        self,
        should_end: Callable[[], bool] = lambda: False,
        when_ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Import what computes, then run jobs until there is a reason to end.

        That is a closed queue, should_end, or that nothing came for long.
        """
        keep_pages()
        # Here, because torch and MONAI take seconds; the hello is out by now.
        with fast_import():
            from ...analysis.service import AnalysisService
            from ...analysis.windows.feature_cache import usual_feature_bytes
            from ...catalog.fetching.service import CatalogService
            from ...catalog.installed import InstalledModels
            from .answering import Answering

        analysis = AnalysisService(InstalledModels().find, usual_feature_bytes())
        answering = Answering(analysis, CatalogService.usual())
        when_ready()
        idle_since = time.monotonic()
        while not should_end() and time.monotonic() - idle_since < self._idle_seconds:
            job = self.jobs.first(_LOOK_EVERY_SECONDS)
            if job is not None:
                answering.run(job)
                self.jobs.done(job)
                return_pages()  # they are wanted elsewhere while nothing is to be done
                idle_since = time.monotonic()
            elif self.jobs.closed:
                break
        if self._abandoned.is_set():
            self._remove_folders()

    def _start(
        self,
        read: Callable[[Channel], None],
        source: ByteSource,
        sink: BinaryIO,
        hang_up: Callable[[], None] = lambda: None,
    ) -> None:
        channel = Channel(source, sink, self.jobs, hang_up)
        self._channels.append(channel)
        threading.Thread(target=read, args=(channel,), name="client", daemon=True).start()

    def _abandon(self) -> None:
        """End soon, without waiting for a computation that hangs; nobody needs its result."""
        self._abandoned.set()
        self.jobs.cancel_all()
        self.jobs.close()
        time.sleep(_GRACE_SECONDS)
        self._remove_folders()
        os._exit(0)

    def _remove_folders(self) -> None:
        for channel in self._channels:
            channel.remove_folders()


def private_pipe() -> tuple[ByteSource, BinaryIO]:
    """This process's stdin and stdout for messages alone; what libraries print goes to stderr."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    source = os.fdopen(os.dup(0), "rb")
    silence = os.open(os.devnull, os.O_RDONLY)
    os.dup2(silence, 0)
    os.close(silence)
    return source, sink


def log_to_stderr() -> None:
    """Send the log of this package and of libraries to stderr, where the client collects it."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
