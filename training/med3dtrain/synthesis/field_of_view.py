"""What of a head is in a synthetic image: all of it, the brain alone, or a part of it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

_CLOSING_VOXEL = 3
"""Fills the ventricles, which brain extraction tools keep."""
_LEAST_SHARE = 0.5
"""Of an axis, what is left of it at least when the field of view ends early."""


def extracted_brain(fractions: Tensor, is_brain: Tensor, generator: np.random.Generator) -> Tensor:
    """What a brain extraction leaves, as 0 and 1 (K, J, I): the brain with a margin of 0 to 2 voxels.

    fractions (C, K, J, I); is_brain (C) tells which of them are brain matter.
    """
    brain = (fractions[is_brain].sum(0) > 0.5).float()[None, None]
    margin = int(generator.integers(0, 3))
    for _ in range(_CLOSING_VOXEL + margin):
        brain = functional.max_pool3d(brain, 3, stride=1, padding=1)
    for _ in range(_CLOSING_VOXEL):
        brain = -functional.max_pool3d(-brain, 3, stride=1, padding=1)
    return brain[0, 0]


def cropped_field(like: Tensor, generator: np.random.Generator) -> Tensor:
    """A box of ones with at least half of every axis in a field of zeros, of the shape (K, J, I) of like."""
    field = torch.zeros_like(like)
    sides = []
    for length in like.shape:
        kept = round(length * generator.uniform(_LEAST_SHARE, 1.0))
        first = int(generator.integers(0, length - kept + 1))
        sides.append(slice(first, first + kept))
    field[tuple(sides)] = 1.0
    return field
