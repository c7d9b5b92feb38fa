"""What happens on other threads, for the one thread that handles it."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

_Event = TypeVar("_Event")


class Inbox:
    """Calls that other threads ask for, made in their order by whoever calls run(); and a thread for files.

    inbox = Inbox()
    inbox.aside(lambda: read(path), show)    # read on another thread, show(future) inside run()
    inbox.run(wait_seconds=0.05)
    inbox.close()
    """

    def __init__(self) -> None:
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        # One thread: what is asked for first is also done first.
        self._files = ThreadPoolExecutor(max_workers=1, thread_name_prefix="med3dinsight-files")

    def post(self, call: Callable[[], None]) -> None:
        """Have call made inside run()."""
        self._calls.put(call)

    def aside(self, work: Callable[[], Any], then: Callable[[Future[Any]], None]) -> None:
        """Do work on the thread for files, then call then with its future inside run()."""
        future = self._files.submit(work)
        future.add_done_callback(lambda done: self.post(lambda: then(done)))

    def run(self, wait_seconds: float = 0.0) -> None:
        """Make all calls that are waiting; if there is none, wait up to wait_seconds for one."""
        try:
            call = self._calls.get(timeout=wait_seconds) if wait_seconds else self._calls.get_nowait()
            while True:
                call()
                call = self._calls.get_nowait()
        except queue.Empty:
            pass  # everything is done

    def close(self) -> None:
        """Wait for the file that is being written or read, and begin no other."""
        self._files.shutdown(wait=True, cancel_futures=True)


class Line(Generic[_Event]):
    """The events of one connection; whoever handles them sees from which line they came."""

    def __init__(self, inbox: Inbox, handle: Callable[[Line[_Event], _Event], None]) -> None:
        self._inbox = inbox
        self._handle = handle

    def put(self, event: _Event) -> None:
        """Pass an event on, from any thread."""
        self._inbox.post(lambda: self._handle(self, event))
