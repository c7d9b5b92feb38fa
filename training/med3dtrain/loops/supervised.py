"""Learning from examples with targets; the best network is what is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from accelerate import Accelerator
from torch import nn

from .best_network import BestNetwork
from .examples import LabelledBatch
from .learner import BatchLoss, Learner
from .parameter_groups import ParameterGroup
from .settings import OptimisationSettings, PatientPaceSettings
from .training_loop import TrainingLoop

SupervisedLoop = TrainingLoop[LabelledBatch, nn.Module]
"""A loop over examples with targets."""


def supervised_loop(
    objective: nn.Module,
    network: nn.Module,
    groups: list[ParameterGroup],
    accelerator: Accelerator,
    optimisation: OptimisationSettings,
    pace: PatientPaceSettings,
    folder: Path,
    seed: int,
    facts: Mapping[str, str],
) -> SupervisedLoop:
    """A loop for an objective whose loss is objective(images, targets); network is the part of it that is kept.

    What is measured decides by its `score`; see TrainingLoop.
    """

    def loss(wrapped: nn.Module, batch: LabelledBatch) -> BatchLoss:
        total = batch.loss(wrapped, accelerator.device)
        return BatchLoss(total, {}, lambda: f"the batch's cases: {'; '.join(batch.names)}")

    objective.to(accelerator.device)  # where the best network, a copy, has to be too
    best = BestNetwork(network, pace.patience)
    learner = Learner(objective, network, groups, loss, {"objective": objective, "best": best}, best)
    return TrainingLoop(learner, accelerator, optimisation, pace, folder, seed, facts)
