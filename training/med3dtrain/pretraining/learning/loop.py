"""The loop of pretraining: what a step of it costs, and which of its weights shrink."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from accelerate import Accelerator
from torch import nn

from ...loops.learner import BatchLoss, Learner
from ...loops.parameter_groups import ParameterGroup
from ...loops.settings import OptimisationSettings, PaceSettings
from ...loops.training_loop import TrainingLoop
from ..samples.batch import Batch
from ..samples.named_samples import Samples
from ..targets.targets import Targets
from .student import Student
from .training_step import StepLoss, TrainingStep

_NAMED_SAMPLES = 3

PretrainingLoop = TrainingLoop[Batch, Student]
"""A loop over crops with captioned slices."""


def pretraining_loop(
    step: TrainingStep,
    targets: Targets,
    accelerator: Accelerator,
    optimisation: OptimisationSettings,
    pace: PaceSettings,
    folder: Path,
    seed: int,
    facts: Mapping[str, str],
) -> PretrainingLoop:
    """A loop for a step module, whose averaged student is what is learnt; targets are read at every step."""
    learner = Learner(
        step,
        step.student,
        _groups(step, optimisation.weight_decay),
        PretrainingLoss(targets, accelerator),
        {"step": step},
    )
    return TrainingLoop(learner, accelerator, optimisation, pace, folder, seed, facts)


class PretrainingLoss:
    """What a batch costs, with the teacher's targets for it."""

    def __init__(self, targets: Targets, accelerator: Accelerator) -> None:
        self._targets = targets
        self._accelerator = accelerator

    def __call__(self, step: nn.Module, batch: Batch) -> BatchLoss:
        """The loss of a step module, which may be wrapped for several processes."""
        device = self._accelerator.device
        targets = {term: rows.to(device) for term, rows in self._targets.read(batch.slices, batch.texts).items()}
        batch = batch.to(device)
        loss: StepLoss = step(batch, targets)
        return BatchLoss(loss.total, loss.figures, lambda: self._named(Samples(batch, targets, loss.read_outs)))

    def _named(self, samples: Samples) -> str:
        """Those that are broken here; if none is anywhere, all of them."""
        broken = samples.broken()
        elsewhere = int(self._accelerator.reduce(broken.sum().to(self._accelerator.device), "sum")) > int(broken.sum())
        names = samples.names(broken) or (["those that another process names"] if elsewhere else samples.names(~broken))
        more = f"; and {len(names) - _NAMED_SAMPLES} more" if names[_NAMED_SAMPLES:] else ""
        return f"its samples: {'; '.join(names[:_NAMED_SAMPLES])}{more}"


def _groups(step: TrainingStep, weight_decay: float) -> list[ParameterGroup]:
    """Matrices and kernels of the networks shrink; biases, norms and what the alignment learns do not."""
    own = {id(parameter) for parameter in step.alignment.parameters()}
    parameters = [parameter for parameter in step.parameters() if parameter.requires_grad]
    shrinking = [each for each in parameters if each.ndim > 1 and id(each) not in own]
    others = [each for each in parameters if each.ndim <= 1 or id(each) in own]
    return [ParameterGroup(shrinking, weight_decay), ParameterGroup(others, 0.0)]
