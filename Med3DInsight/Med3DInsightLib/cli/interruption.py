"""Stopping a command by a signal, whatever it is doing at that moment."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Turns the first SIGINT or SIGTERM into a KeyboardInterrupt and remembers that it came.

    Native code may turn the exception into another one, or swallow it, so both are not enough:

        with Interruption() as interruption:
            try:
                command.run(cancel=interruption)     # swallowed: stops at the next step
            except Exception:
                if interruption.is_set(): ...        # turned into something else

    Later signals are ignored, so that nothing interrupts the clean-up. Outside the main thread, where
    Python allows no handlers, nothing is caught. It is an analysis.computing.progress.Cancellation.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def is_set(self) -> bool:
        """Whether a signal came."""
        return self._event.is_set()

    def __enter__(self) -> Self:
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            # Job schedulers end a job with SIGTERM; it should leave nothing behind, as after Ctrl-C.
            self._before = {number: signal.signal(number, self._interrupt) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if not self._event.is_set():
            self._event.set()
            raise KeyboardInterrupt
