"""Numbered patches of prepared cases."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import Dataset

from Med3DInsightLib.volumes import Framing

from ...loops.examples import Example
from ..learning.augmentation import Augmentation
from ..settings.augmentation import AugmentationSettings
from ..settings.sampling import SamplingSettings
from .prepared_case import PreparedCase

_MARGIN = 1.3
"""How much more than the patch is read along each axis, so that a rotated patch is filled."""
_SLACK = 0.1


class Patches(Dataset[Example]):
    """An endless source: patch number n is always the same, whichever process draws it.

    Every case comes once in as many patches as there are cases, in an order of its own each time. Targets are labels
    (K, J, I), or with soft labels the shares of `classes` classes, background first, (C, K, J, I).
    """

    def __init__(
        self,
        cases: Sequence[PreparedCase],
        patch_kji: tuple[int, int, int],
        spacing_kji_mm: tuple[float, float, float],
        sampling: SamplingSettings,
        augmentation: AugmentationSettings,
        seed: int,
        classes: int,
    ) -> None:
        self._cases = list(cases)
        self._patch_kji = patch_kji
        self._sampling = sampling
        self._vary = Augmentation(augmentation, patch_kji, spacing_kji_mm)
        self._seed = seed
        self._shares_of = classes if augmentation.soft_labels else 0

    def __getitem__(self, number: int) -> Example:
        """Patch number `number`, from 0 on."""
        turn, place = divmod(number, len(self._cases))
        order = np.random.default_rng((self._seed, 0, turn)).permutation(len(self._cases))
        case = self._cases[order[place]]
        generator = np.random.default_rng((self._seed, 1, number))
        image, labels = case.read(self._box(case, generator))
        target = torch.from_numpy(labels.astype(np.int64))
        if self._shares_of:
            target = functional.one_hot(target, self._shares_of).movedim(-1, 0)
        seed = int(generator.integers(2**32))
        varied, varied_target = self._vary(torch.from_numpy(np.ascontiguousarray(image)), target, seed)
        return Example(varied[None], varied_target, case.name)

    def _box(self, case: PreparedCase, generator: np.random.Generator) -> Framing:
        grid = case.volume.model_grid
        patch, size = np.array(self._patch_kji), np.array(grid.shape_kji)
        if case.places and generator.random() < self._sampling.on_structures:
            places = case.places[sorted(case.places)[generator.integers(len(case.places))]]
            centre = places[generator.integers(len(places))].astype(np.float64)
        else:
            centre = generator.random(3) * size
        # A patch sticks out no further than it has to, and a little: what is outside teaches nothing.
        slack, half = _SLACK * patch, np.minimum(patch, size) / 2
        centre = np.clip(centre, half - slack, size - half + slack)
        k, j, i = (_read_size(size) for size in self._patch_kji)
        start = [int(np.rint(at - size / 2)) for at, size in zip(centre, (k, j, i), strict=True)]
        return Framing.box(grid, (start[0], start[1], start[2]), (k, j, i))


def _read_size(patch: int) -> int:
    """Voxels to read along an axis of a patch: as odd or even as it is, so that what is not moved is not interpolated.

    Half a voxel off the middle, images would be blurred and labels rounded to one side or the other.
    """
    size = math.ceil(patch * _MARGIN)
    return size + (size - patch) % 2
