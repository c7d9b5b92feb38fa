"""Exceptions that were raised in slots.

Qt cannot pass an exception on, so it is only printed and a test would pass. Everything raised in a slot
is kept here, so that a test can assert that nothing was.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True)
class SlotError:
    """One exception with its formatted traceback."""

    error: BaseException
    text: str

    def __str__(self) -> str:
        return self.text


SLOT_ERRORS: list[SlotError] = []


def collect(error: BaseException) -> None:
    """Keep and print an exception."""
    text = "".join(traceback.format_exception(error))
    SLOT_ERRORS.append(SlotError(error, text))
    print(text, file=sys.stderr)


def collect_uncaught() -> None:
    """Collect what PySide6 itself prints as well: slots of ``signal.connect(function)`` and of single-shot timers."""
    before = sys.excepthook

    def excepthook(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        SLOT_ERRORS.append(SlotError(error, "".join(traceback.format_exception(kind, error, where))))
        before(kind, error, where)

    sys.excepthook = excepthook
    # An exception in a Python override of a virtual method, or in an observer of an object that goes away.
    unraisable_before = sys.unraisablehook

    def unraisablehook(unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_value is not None:
            text = "".join(traceback.format_exception(unraisable.exc_value))
            SLOT_ERRORS.append(SlotError(unraisable.exc_value, text))
        unraisable_before(unraisable)

    sys.unraisablehook = unraisablehook
