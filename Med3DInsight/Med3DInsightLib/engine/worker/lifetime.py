"""Noticing that the process that started this one is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psutil

_LOOK_EVERY_SECONDS = 0.5


class ParentWatch:
    """Calls a function in a thread of its own when the parent process is gone.

        ParentWatch(parent_pid, when_gone=end).start()

    A closed pipe tells the same, but another child of the parent may hold its other end open.
    """

    def __init__(self, parent_pid: int, when_gone: Callable[[], None]) -> None:
        self._parent_pid = parent_pid
        self._when_gone = when_gone

    def start(self) -> None:
        """Watch from now on."""
        threading.Thread(target=self._watch, name="parent watch", daemon=True).start()

    def _watch(self) -> None:
        try:
            parent = psutil.Process(self._parent_pid)
            while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
                time.sleep(_LOOK_EVERY_SECONDS)
        except psutil.NoSuchProcess:
            pass  # gone between two looks
        self._when_gone()
