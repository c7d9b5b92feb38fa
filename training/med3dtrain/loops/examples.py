"""What a step is made of: numbered examples, and batches of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .supervised import LabelledBatch, TrainingError


@dataclass(frozen=True)
class Example:
    """Image (1, K, J, I) float32, its target, and the case it is of.

    The target is labels (K, J, I) int64, fractions of the classes (C, K, J, I) float32, or a class, a scalar.
    """

    image: Tensor
    target: Tensor
    name: str


class ExampleBatches:
    """The batches of the steps from first to last - 1, for one of several processes.

        batches = ExampleBatches(examples, batch=4, workers=0, process=0, processes=1)
        for batch in batches(0, 100): ...

    examples is an endless source: number n is always the same example. Each process has an equal part of every step, in
    the order of their ranks.
    """

    def __init__(self, examples: Dataset[Example], batch: int, workers: int, process: int, processes: int) -> None:
        if batch % processes:
            raise TrainingError(
                f"a batch of {batch} cannot be shared by {processes} processes",
                next_step=f"choose a multiple of {processes} as batch",
            )
        self._examples = examples
        self._batch = batch
        self._workers = workers
        self._size = batch // processes
        self._offset = process * self._size

    def __call__(self, first: int, last: int) -> Iterator[LabelledBatch]:
        """One batch a step."""
        starts = (step * self._batch + self._offset for step in range(first, last))
        numbers = [list(range(start, start + self._size)) for start in starts]
        yield from DataLoader(self._examples, batch_sampler=numbers, collate_fn=_batch_of, num_workers=self._workers)


def _batch_of(examples: Sequence[Example]) -> LabelledBatch:
    return LabelledBatch(
        torch.stack([example.image for example in examples]),
        torch.stack([example.target for example in examples]),
        tuple(example.name for example in examples),
    )
