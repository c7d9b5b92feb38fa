"""How long, how fast and in which rhythm pretraining runs where a recipe does not say."""

from __future__ import annotations

from dataclasses import dataclass

from ..loops.settings import OptimisationSettings, PaceSettings


@dataclass(frozen=True)
class PretrainingOptimisation(OptimisationSettings):
    """Longer and gentler than fine-tuning. average_decay 0: without an average."""

    steps: int = 20000
    learning_rate: float = 1e-4
    warmup_steps: int = 500
    clip_norm: float = 1.0
    average_decay: float = 0.999


@dataclass(frozen=True)
class PretrainingPace(PaceSettings):
    """Checkpoints are rarer, because there is more to write."""

    checkpoint_steps: int = 500
    measure_steps: int = 1000
