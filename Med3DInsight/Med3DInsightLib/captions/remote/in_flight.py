"""Many requests at once behind a plain iterator."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Generic, TypeVar

from ..backends.replying import CheckStop, go_on
from .loop_thread import LoopThread, next_of

Item = TypeVar("Item")
Result = TypeVar("Result")


class InFlight(Generic[Item, Result]):
    """Runs a coroutine for every item, at most so many at a time, on an event loop of its own.

        for result in InFlight(16, answer_one, client.aclose).results(items):
            ...

    Items are taken one by one in the thread of the caller, and only when there is room; results come as
    they are ready. While the caller draws the next picture or writes a file, the requests go on, because
    their loop is in another thread. Whoever stops taking results cancels what is in flight, and so does check_stop,
    which is called while results are waited for, if it raises something. closing runs at the end, on the same event
    loop.
    """

    def __init__(
        self,
        bound: int,
        work: Callable[[Item], Awaitable[Result]],
        closing: Callable[[], Awaitable[None]],
        check_stop: CheckStop = go_on,
    ) -> None:
        self._bound = bound
        self._work = work
        self._closing = closing
        self._check_stop = check_stop

    def results(self, items: Iterable[Item]) -> Iterator[Result]:
        """A result for every item, in any order.

        The first error of work() or of items is raised after the results that are there already (an error of
        work) or still come (one of items).
        """
        done: queue.SimpleQueue[Future[Result]] = queue.SimpleQueue()
        waiting = iter(items)
        flying = 0
        broken: Exception | None = None
        with LoopThread(self._closing) as loop:
            while True:
                while flying < self._bound and broken is None:
                    try:
                        item = next(waiting)
                    except StopIteration:
                        break
                    except Exception as error:
                        broken = error
                        break
                    future = asyncio.run_coroutine_threadsafe(self._one(item), loop)
                    future.add_done_callback(done.put)
                    flying += 1
                if not flying:
                    break
                finished = next_of(done, self._check_stop)
                flying -= 1
                if finished.exception() is not None:
                    yield from _answers_in(done)
                yield finished.result()
        if broken is not None:
            raise broken

    async def _one(self, item: Item) -> Result:
        return await self._work(item)


def _answers_in(done: queue.SimpleQueue[Future[Result]]) -> Iterator[Result]:
    """What is in the queue already and no error."""
    while not done.empty():
        finished = done.get()
        if finished.exception() is None:
            yield finished.result()
