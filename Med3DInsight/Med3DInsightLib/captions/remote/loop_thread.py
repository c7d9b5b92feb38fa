"""An event loop in a thread of its own, and waiting for it in a way that can be ended."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..backends.replying import CheckStop, Tell

_Result = TypeVar("_Result")
_Item = TypeVar("_Item")
_LOOK_EVERY_S = 0.1


class LoopThread:
    """Runs an event loop in a thread that ends with the block; what is under way then is cancelled.

        with LoopThread(client.aclose) as loop:
            asyncio.run_coroutine_threadsafe(work(), loop)

    closing runs at the end, on the same event loop.
    """

    def __init__(self, closing: Callable[[], Awaitable[None]]) -> None:
        self._closing = closing
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="captions in flight", daemon=True)

    def __enter__(self) -> asyncio.AbstractEventLoop:
        self._thread.start()
        return self._loop

    def __exit__(self, *exception: object) -> None:
        if sys.is_finalizing():  # an iterator that was left alone until Python ends: the thread is stopped already
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._closing()


def next_of(items: queue.SimpleQueue[_Item], check_stop: CheckStop) -> _Item:
    """The next item, waiting for it; check_stop is called meanwhile, ten times a second."""
    while True:
        check_stop()
        try:
            return items.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            continue


def told_here(
    work: Callable[[Tell], Awaitable[_Result]],
    closing: Callable[[], Awaitable[None]],
    tell: Tell,
    check_stop: CheckStop,
) -> _Result:
    """The result of work, on a loop of its own; the pieces that it tells are passed to tell in this thread.

    Raises what work, tell and check_stop raise; work is cancelled then.
    """
    pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    async def run() -> _Result:
        return await work(pieces.put)

    with LoopThread(closing) as loop:
        future = asyncio.run_coroutine_threadsafe(run(), loop)
        future.add_done_callback(lambda _: pieces.put(None))
        while (piece := next_of(pieces, check_stop)) is not None:
            tell(piece)
        return future.result()
