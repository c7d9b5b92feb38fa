"""How long and how fast a loop trains, and when it measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True)
class OptimisationSettings:
    """How long and how fast to train: AdamW, a linear warm-up, half a cosine down to 0.

    weight_decay is for matrices and kernels. clip_norm bounds the norm of all gradients together. average_decay is
    that of the moving average of the weights, which is what is measured and kept. mixed_precision: bfloat16 where
    the device is fast at it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    steps: int = 4000
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    warmup_steps: int = 50
    clip_norm: float = 5.0
    average_decay: float = 0.998
    mixed_precision: bool = True

    def __post_init__(self) -> None:
        if self.steps < 1 or self.warmup_steps < 0 or self.clip_norm <= 0 or not 0 <= self.average_decay < 1:
            raise ValueError("steps and clip_norm are positive, warmup_steps not negative, average_decay below 1")
        if not self.learning_rate > 0 or not self.weight_decay >= 0:
            raise ValueError("learning_rate is positive, weight_decay not negative")


@dataclass(frozen=True)
class PaceSettings:
    """After how many steps a checkpoint is written, and what was learnt is measured; both are done at the end too."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    checkpoint_steps: int = 200
    measure_steps: int = 500
    tensorboard: bool = True

    def __post_init__(self) -> None:
        if min(self.checkpoint_steps, self.measure_steps) < 1:
            raise ValueError("checkpoint_steps and measure_steps are at least 1; more than all steps: only at the end")


@dataclass(frozen=True)
class PatientPaceSettings(PaceSettings):
    """When to stop early, too.

    patience: training ends after so many measurements without a better one; 0 for never.
    """

    patience: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.patience < 0:
            raise ValueError("patience is not negative; 0 is for never")
