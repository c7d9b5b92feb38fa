"""Draws as batches of tensors, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from Med3DInsightLib.networks.psat.psat import Places
from Med3DInsightLib.volumes import Grid

from .draws import CropDraws, Draw, SamplingSettings
from .errors import PretrainingError


@dataclass(frozen=True)
class Batch:
    """B crops with S slices each, this process's part of a step.

    images is (B, 1, K, J, I), seen on grids (B); places are B x S, and slices and texts (B * S) tell which of
    all slices and which of its descriptions they are. names (B) are the volumes', numbers (B) those of the draws.
    """

    images: Tensor
    grids: tuple[Grid, ...]
    places: Places
    slices: Tensor
    texts: Tensor
    names: tuple[str, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, draws: Sequence[Draw]) -> Batch:
        """The draws, in their order."""
        return cls(
            torch.stack([draw.image for draw in draws]),
            tuple(draw.grid for draw in draws),
            tuple(draw.places for draw in draws),
            torch.tensor([number for draw in draws for number in draw.slices]),
            torch.tensor([number for draw in draws for number in draw.texts]),
            tuple(draw.name for draw in draws),
            tuple(draw.number for draw in draws),
        )

    def to(self, device: torch.device) -> Batch:
        """The batch with its tensors on a device."""
        return replace(
            self,
            images=self.images.to(device, non_blocking=True),
            slices=self.slices.to(device),
            texts=self.texts.to(device),
        )


class Batches:
    """The batches of the steps from first to last - 1, for one of several processes.

        for step, batch in enumerate(Batches(draws, settings, process=0, processes=2).steps(first, last), first): ...

    Each process has an equal part of every step, in the order of their ranks.
    """

    def __init__(self, draws: CropDraws, settings: SamplingSettings, process: int, processes: int) -> None:
        if settings.batch % processes:
            raise PretrainingError(
                f"a batch of {settings.batch} crops cannot be shared by {processes} processes",
                next_step=f"choose a multiple of {processes} (--sampling.batch)",
            )
        self._draws = draws
        self._settings = settings
        self._size = settings.batch // processes
        self._offset = process * self._size

    def steps(self, first: int, last: int) -> Iterator[Batch]:
        """One batch a step."""
        batch, offset = self._settings.batch, self._offset
        numbers = [[step * batch + offset + position for position in range(self._size)] for step in range(first, last)]
        loader: DataLoader[Draw] = DataLoader(
            self._draws,
            batch_sampler=numbers,
            collate_fn=Batch.of,
            num_workers=self._settings.workers,
        )
        yield from loader
