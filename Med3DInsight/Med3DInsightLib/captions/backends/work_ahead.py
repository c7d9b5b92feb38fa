"""Work that is done before its result is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkAhead(Generic[Item, Result]):
    """Does the work for the next few items in other threads while the caller is busy with a result.

        with closing(WorkAhead(SubjectSlice.picture, ahead=8, threads=4).results(slices)) as drawn:
            for each, picture in drawn: ...

    Items are taken in the thread of the caller, and never more than ahead of them beyond the one whose result
    was given out, so that memory is bounded. Whoever closes the results, or is interrupted, takes no further item;
    what is being worked on ends first, the rest is not begun.

    Raises ValueError unless ahead and threads are above 0.
    """

    def __init__(self, work: Callable[[Item], Result], ahead: int, threads: int) -> None:
        if ahead < 1 or threads < 1:
            raise ValueError(f"nothing is done ahead with {ahead} items and {threads} threads")
        self._work = work
        self._ahead = ahead
        self._threads = threads

    def results(self, items: Iterable[Item]) -> Generator[tuple[Item, Result], None, None]:
        """Each item with its result, in their order.

        An error of the work is raised where its result would be, one of items after the results of those before.
        """
        source = iter(items)
        under_way: deque[tuple[Item, Future[Result]]] = deque()
        broken: Exception | None = None
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="work ahead")
        try:
            while True:
                try:
                    self._begin(source, under_way, pool)
                except Exception as error:
                    broken, source = error, iter(())
                if not under_way:
                    break
                item, future = under_way.popleft()
                yield item, future.result()
        finally:
            pool.shutdown(cancel_futures=True)
        if broken is not None:
            raise broken

    def _begin(
        self, source: Iterator[Item], under_way: deque[tuple[Item, Future[Result]]], pool: ThreadPoolExecutor
    ) -> None:
        """Take items until there are enough."""
        while len(under_way) <= self._ahead:
            try:
                item = next(source)
            except StopIteration:
                return
            under_way.append((item, pool.submit(self._work, item)))
