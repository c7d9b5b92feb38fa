"""How long the stages of an analysis take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note under stage how many seconds the block took, unless it raises."""
    started_at = time.monotonic()
    yield
    seconds[stage] = round(time.monotonic() - started_at, 3)
