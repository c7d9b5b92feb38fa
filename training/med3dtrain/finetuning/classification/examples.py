"""Numbered, varied volumes with their classes."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import Dataset

from ...loops.examples import Example
from ..learning.augmentation import Augmentation
from ..settings.augmentation import AugmentationSettings
from .inputs import PreparedInputs


class ClassifiedExamples(Dataset[Example]):
    """An endless source: example number n is always the same, whichever process draws it.

    Every case comes once in as many examples as there are cases, in an order of its own each time.
    """

    def __init__(
        self,
        inputs: PreparedInputs,
        spacing_kji_mm: tuple[float, float, float],
        augmentation: AugmentationSettings,
        seed: int,
    ) -> None:
        self._inputs = inputs
        self._vary = Augmentation(augmentation, inputs.array.shape[1:], spacing_kji_mm)
        self._seed = seed

    def __getitem__(self, number: int) -> Example:
        """Example number `number`, from 0 on."""
        count = len(self._inputs.cases)
        turn, place = divmod(number, count)
        chosen = int(np.random.default_rng((self._seed, 0, turn)).permutation(count)[place])
        case, image = self._inputs.cases[chosen], self._inputs.read(chosen)[0]
        seed = int(np.random.default_rng((self._seed, 1, number)).integers(2**32))
        varied, _ = self._vary(image, torch.zeros_like(image, dtype=torch.int64), seed)
        return Example(varied[None], torch.tensor(case.class_number), case.name)
