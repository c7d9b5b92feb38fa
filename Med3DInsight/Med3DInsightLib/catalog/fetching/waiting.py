"""Running a transfer to its end, or until it is to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_LOOK_EVERY_S = 0.1


def finished(work: Coroutine[Any, Any, _Result], check: Callable[[], None] = lambda: None) -> _Result:
    """What work returns; check is called ten times a second, and what it raises ends work, also one that waits."""
    return asyncio.run(_watched(work, check))


async def _watched(work: Coroutine[Any, Any, _Result], check: Callable[[], None]) -> _Result:
    task = asyncio.create_task(work)
    try:
        while True:
            done, _ = await asyncio.wait({task}, timeout=_LOOK_EVERY_S)
            if done:
                return task.result()
            check()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
