"""Telling whoever is interested that something happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Signal:
    """A list of functions to call.

        finished = Signal()
        finished.connect(print)
        finished.emit("done")        # prints done

    emit() calls in the order of connecting; what a function raises reaches the one who emits.
    """

    def __init__(self) -> None:
        self._slots: list[Callable[..., Any]] = []

    def connect(self, slot: Callable[..., Any]) -> None:
        """Call slot at every emit(), once, however often it is connected."""
        if slot not in self._slots:
            self._slots.append(slot)

    def disconnect(self, slot: Callable[..., Any]) -> None:
        """Stop calling slot; nothing happens if it is not connected."""
        if slot in self._slots:
            self._slots.remove(slot)

    def emit(self, *arguments: Any) -> None:
        """Call every connected function with arguments."""
        for slot in list(self._slots):
            slot(*arguments)
