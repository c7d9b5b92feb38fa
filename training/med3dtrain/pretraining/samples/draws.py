"""Numbered draws: which crops and slices a step reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from pydantic import ConfigDict
from torch import Tensor
from torch.utils.data import Dataset

from Med3DInsightLib.volumes import Grid, SlicePlace
from Med3DInsightLib.volumes.framing import Indices
from Med3DInsightLib.volumes.slices import place_in

from .augmentation import IntensityAugmentation
from .captioned import CaptionedSlice, CaptionedVolume
from .crops import contains, random_crop

_ORDER_OF_EPOCH = 1
_CONTENT_OF_DRAW = 2


@dataclass(frozen=True)
class DrawSettings:
    """How many crops a step has, all processes together, and how many slices are read of each.

    The encoder runs once for a crop, so further slices of it cost little. workers are processes that prepare
    crops beside the training process; what is drawn does not depend on them.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    batch: int = 8
    slices_per_crop: int = 4
    workers: int = 0
    augmentation: IntensityAugmentation = field(default_factory=IntensityAugmentation)

    def __post_init__(self) -> None:
        if min(self.batch, self.slices_per_crop) < 1 or self.workers < 0:
            raise ValueError("batch and slices_per_crop are at least 1, workers at least 0")


@dataclass(frozen=True)
class Draw:
    """A crop with S of its slices: draw number of the run, of the volume called name.

    image is (1, K, J, I) on grid; places are S slices that its field of view contains, slices are their numbers
    in the run, and texts say which of its descriptions each slice goes with.
    """

    number: int
    name: str
    image: Tensor
    grid: Grid
    places: tuple[SlicePlace, ...]
    slices: tuple[int, ...]
    texts: tuple[int, ...]


class CropDraws(Dataset[Draw]):
    """Draws crops that contain captioned slices; a number always gives the same draw.

        draws = CropDraws(volumes, patch_kji=(128, 128, 128), settings=DrawSettings(), seed=0)
        draws[5 * settings.batch + 2]       # the third crop of step 5

    So a run that was killed goes on exactly, with any number of workers and processes. The volumes of a step
    are distinct, if there are enough, and an epoch sees each at most once: all but those that fill no
    whole step. Slices are drawn within a volume: first one, a crop around it that contains it, and then others that the
    crop contains too. If there are fewer than slices_per_crop, some are read more than once, because all crops of a
    step have as many; the alignment counts them once.
    """

    def __init__(
        self, volumes: Sequence[CaptionedVolume], patch_kji: Indices, settings: DrawSettings, seed: int
    ) -> None:
        self._volumes = tuple(volumes)
        self._patch_kji = patch_kji
        self._settings = settings
        self._seed = seed

    def volumes_of_step(self, step: int) -> list[int]:
        """The volumes of a step, by their place in the list."""
        have, batch = len(self._volumes), self._settings.batch
        if have < batch:
            rounds = -(-batch // have)
            orders = [self._order(step * rounds + number) for number in range(rounds)]
            return [int(number) for number in np.concatenate(orders)[:batch]]
        epoch, place = divmod(step, have // batch)
        return [int(number) for number in self._order(epoch)[place * batch : (place + 1) * batch]]

    def __getitem__(self, number: int) -> Draw:
        """Draw number step * batch + position."""
        step, position = divmod(number, self._settings.batch)
        chosen = self._volumes[self.volumes_of_step(step)[position]]
        generator = np.random.default_rng((self._seed, _CONTENT_OF_DRAW, number))
        anchor = chosen.slices[int(generator.integers(len(chosen.slices)))]
        grid = chosen.volume.model_grid
        box = random_crop(grid, self._patch_kji, anchor.place.position_ras_mm, generator)
        slices = self._slices_in(box.target, anchor, chosen.slices, generator)
        array = self._settings.augmentation.apply(chosen.volume.read(box), generator)
        return Draw(
            number,
            chosen.volume.listed.name,
            torch.from_numpy(np.ascontiguousarray(array))[None],
            box.target,
            tuple(place_in(box.target, each.place) for each in slices),
            tuple(each.number for each in slices),
            tuple(int(generator.integers(len(each.texts))) for each in slices),
        )

    def _slices_in(
        self, crop: Grid, anchor: CaptionedSlice, slices: Sequence[CaptionedSlice], generator: np.random.Generator
    ) -> list[CaptionedSlice]:
        wanted = self._settings.slices_per_crop
        others = [each for each in slices if each is not anchor and contains(crop, each.place.position_ras_mm)]
        order = [anchor, *(others[int(number)] for number in generator.permutation(len(others)))]
        return [order[number % len(order)] for number in range(wanted)]

    def _order(self, epoch: int) -> np.ndarray:
        return np.random.default_rng((self._seed, _ORDER_OF_EPOCH, epoch)).permutation(len(self._volumes))
