"""Pairs of earlier steps, for batches that are too small to be a transport problem."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .loss_mode import Pairs

_EMPTY = -1


class MemoryQueue(nn.Module):
    """The last pairs, with the ids of their samples, first in, first out.

        queue = MemoryQueue(256, widths=[512, 512])
        older = queue.older_than(ids)          # one Pairs per term, without samples of this batch
        queue.push(ids, terms)

    A plan of one pair is no plan (a batch of 1 gives a 1 x 1 matrix), and one of four says little. Teacher
    embeddings of earlier steps are as good as new, because the teacher is frozen; read-outs are as old as they are,
    and get no gradient. A sample is in the queue once, with its latest read-out, and is not returned
    beside itself: its own older copy would be a wrong partner that is right. The state is in buffers.
    """

    ids: Tensor
    next_place: Tensor

    def __init__(self, size: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.size = size
        self.terms = len(widths)
        self.register_buffer("ids", torch.full((size,), _EMPTY, dtype=torch.int64))
        self.register_buffer("next_place", torch.zeros((), dtype=torch.int64))
        for term, width in enumerate(widths):
            self.register_buffer(f"read_outs_{term}", torch.zeros(size, width))
            self.register_buffer(f"teacher_{term}", torch.zeros(size, width))

    def older_than(self, ids: Tensor) -> list[Pairs]:
        """What is kept of samples other than those with these ids (N)."""
        places = ((self.ids != _EMPTY) & ~torch.isin(self.ids, ids)).nonzero()[:, 0]
        return [Pairs(self._read_outs(term)[places], self._teacher(term)[places]) for term in range(self.terms)]

    def push(self, ids: Tensor, terms: Sequence[Pairs]) -> None:
        """Keep the pairs of a step, at most the last `size` of them; ids (N) are not negative."""
        if bool((ids < 0).any()):
            raise ValueError("ids of samples are numbers that are not negative")
        latest = torch.tensor(sorted({int(sample): place for place, sample in enumerate(ids)}.values()))[-self.size :]
        latest = latest.to(ids.device)
        self.ids[torch.isin(self.ids, ids)] = _EMPTY
        places = (torch.arange(len(latest), device=ids.device) + self.next_place) % self.size
        self.ids[places] = ids[latest]
        for term, pairs in enumerate(terms):
            self._read_outs(term)[places] = pairs.read_outs.detach()[latest].to(self._read_outs(term).dtype)
            self._teacher(term)[places] = pairs.teacher.detach()[latest].to(self._teacher(term).dtype)
        self.next_place.copy_((self.next_place + len(latest)) % self.size)

    def _read_outs(self, term: int) -> Tensor:
        return self.get_buffer(f"read_outs_{term}")

    def _teacher(self, term: int) -> Tensor:
        return self.get_buffer(f"teacher_{term}")
