"""Importing torch and MONAI a fifth faster."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_import() -> Iterator[None]:
    """Import large libraries without looking for garbage among what they make.

        with fast_import():
            from ..service import AnalysisService

    Importing makes hundreds of thousands of objects that stay, and Python searches them all again and
    again. Afterwards they are set aside, so that later searches are shorter too.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
