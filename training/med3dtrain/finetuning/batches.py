"""Numbered patches as the batches of steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import DataLoader

from ..loops.supervised import LabelledBatch
from .errors import FineTuningError
from .patches import Patch, Patches


class PatchBatches:
    """The batches of the steps from first to last - 1, for one of several processes.

        batches = PatchBatches(patches, batch=4, workers=0, process=0, processes=1)
        for batch in batches(0, 100): ...

    Each process has an equal part of every step, in the order of their ranks.
    """

    def __init__(self, patches: Patches, batch: int, workers: int, process: int, processes: int) -> None:
        if batch % processes:
            raise FineTuningError(
                f"a batch of {batch} patches cannot be shared by {processes} processes",
                next_step=f"choose a multiple of {processes} (--plan.batch)",
            )
        self._patches = patches
        self._batch = batch
        self._workers = workers
        self._size = batch // processes
        self._offset = process * self._size

    def __call__(self, first: int, last: int) -> Iterator[LabelledBatch]:
        """One batch a step."""
        starts = (step * self._batch + self._offset for step in range(first, last))
        numbers = [list(range(start, start + self._size)) for start in starts]
        yield from DataLoader(self._patches, batch_sampler=numbers, collate_fn=_batch_of, num_workers=self._workers)


def _batch_of(patches: Sequence[Patch]) -> LabelledBatch:
    return LabelledBatch(
        torch.stack([patch.image for patch in patches]),
        torch.stack([patch.labels for patch in patches]),
        tuple(patch.name for patch in patches),
    )
