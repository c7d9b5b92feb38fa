"""Scores of a volume averaged with those of its mirror image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...bundles.card import ModelCard
from ...volumes.sides import left_right_axis_kji, twins
from .compute_plan import ComputePlan
from .scoring import WindowScorer
from .tiling import Tiling

BACKGROUND = "background"


@dataclass(frozen=True)
class Mirror:
    """The axis (KJI) along which left and right lie on the grid of a model, and the twin of every class."""

    axis_kji: int
    twins: tuple[int, ...]

    @classmethod
    def of(cls, card: ModelCard) -> Self:
        """That of a model which segments."""
        names = [BACKGROUND, *(segment.name for segment in card.segments)]
        return cls(left_right_axis_kji(card.recipe.orientation), tuple(twins(names)))


@torch.inference_mode()
def mirrored_mean_scores(
    scorer: WindowScorer,
    array_kji: NDArray[np.float32],
    mirror: Mirror,
    plan: ComputePlan,
    overlap: float,
    on_window: Callable[[int, int], None],
) -> tuple[Tensor, int]:
    """Mean scores (classes, K, J, I) of a prepared volume and of its mirror image, and how many windows were encoded.

    In the mirror image a left structure looks like a right one, so its scores count for its twin. A network that
    learnt from mirrored images too makes different mistakes in both.
    """
    plain = Tiling.of(array_kji, plan.window_kji, overlap)
    flipped = Tiling.of(np.ascontiguousarray(np.flip(array_kji, mirror.axis_kji)), plan.window_kji, overlap)
    first, second = len(plain.distinct), len(flipped.distinct)
    scores, encoded = scorer.run(plain, plan, lambda done, of: on_window(done, first + second))
    others, encoded_too = scorer.run(flipped, plan, lambda done, of: on_window(first + done, first + second))
    for value, twin in enumerate(mirror.twins):  # one class at a time, so that no third stack of scores exists
        scores[value].add_(others[twin].flip(mirror.axis_kji)).div_(2.0)
    return scores, encoded + encoded_too
