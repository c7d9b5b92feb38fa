"""What a step is made of: batches of what has numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from torch.utils.data import DataLoader, Dataset

from .errors import TrainingError
from .learner import BatchT

SampleT = TypeVar("SampleT")


class NumberedBatches(Generic[SampleT, BatchT]):
    """The batches of the steps from first to last - 1, for one of several processes.

        batches = NumberedBatches(samples, LabelledBatch.of, batch=4, workers=0, process=0, processes=1)
        for batch in batches(0, 100): ...

    samples is an endless source: number n is always the same sample. collate makes a batch of several. Each process
    has an equal part of every step, in the order of their ranks; TrainingError is raised for a batch that has none.
    """

    def __init__(
        self,
        samples: Dataset[SampleT],
        collate: Callable[[list[SampleT]], BatchT],
        batch: int,
        workers: int,
        process: int,
        processes: int,
    ) -> None:
        if batch % processes:
            raise TrainingError(
                f"a batch of {batch} cannot be shared by {processes} processes",
                next_step=f"choose a multiple of {processes} as batch",
            )
        self._samples = samples
        self._collate = collate
        self._batch = batch
        self._workers = workers
        self._size = batch // processes
        self._offset = process * self._size

    def __call__(self, first: int, last: int) -> Iterator[BatchT]:
        """One batch a step."""
        starts = (step * self._batch + self._offset for step in range(first, last))
        numbers = [list(range(start, start + self._size)) for start in starts]
        yield from DataLoader(self._samples, batch_sampler=numbers, collate_fn=self._collate, num_workers=self._workers)
