"""The loop of pretraining: steps, schedule, average, checkpoints, measurements."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import torch
from accelerate import Accelerator
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..loops.checkpoint import load_checkpoint, require_same_sight, save_checkpoint
from ..loops.schedule import warmup_cosine
from ..loops.settings import OptimisationSettings, PaceSettings
from ..loops.step_seed import step_seed
from ..runs.run_log import RunLog
from .batches import Batch, Batches
from .errors import PretrainingError
from .samples import Samples
from .student import Student
from .targets import Targets
from .training_step import StepLoss, TrainingStep

CHECKPOINT = "checkpoint.safetensors"
_NAMED_SAMPLES = 3


class PretrainingLoop:
    """Trains a step module, and takes up again what a killed process left.

        loop = PretrainingLoop(step, batches, targets, accelerator, optimisation, pace, folder, seed=0)
        student = loop.run(log, measure)            # the averaged one, if there is an average

    What is random in a step depends on the seed, the number of the step and the process alone, so no state of
    random generators has to be kept. The folder gets checkpoint.safetensors: all weights and buffers, the average, the
    optimizer and facts, which are what must not change within a run. Before a loss that is not finite
    changes anything, the run stops; the last checkpoint stays.
    """

    def __init__(
        self,
        step: TrainingStep,
        batches: Batches,
        targets: Targets,
        accelerator: Accelerator,
        optimisation: OptimisationSettings,
        pace: PaceSettings,
        folder: Path,
        seed: int,
        facts: Mapping[str, str],
    ) -> None:
        self._accelerator = accelerator
        self._wrapped: nn.Module = accelerator.prepare(step)
        self._step = step
        self._average = _average_of(step.student, optimisation.average_decay)
        self._optimizer = torch.optim.AdamW(_groups(step, optimisation.weight_decay), lr=optimisation.learning_rate)
        self._batches = batches
        self._targets = targets
        self._optimisation = optimisation
        self._pace = pace
        self._checkpoint = folder / CHECKPOINT
        self._seed = seed
        self._facts = facts
        self.first_step = self._load()

    @property
    def student(self) -> Student:
        """The one that is measured and kept: the average, if there is one."""
        if self._average is None:
            return self._step.student
        return cast(Student, self._average.module)

    def run(self, log: RunLog | None, measure: Callable[[Student], dict[str, float]]) -> Student:
        """Train to the last step; log is None in all processes but the first, which alone measures."""
        steps, first = self._optimisation.steps, self.first_step
        self._step.train()
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
        bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), disable=log is None)
        with bar:
            task = bar.add_task("pretraining", total=steps, completed=first)
            for number, batch in enumerate(self._batches.steps(first, steps), start=first):
                figures = self._take(number, batch)
                last = number + 1 == steps
                if log is not None:
                    if last or (number + 1) % self._pace.measure_steps == 0:
                        figures |= measure(self.student)
                    log.write(number, figures)
                    bar.update(task, completed=number + 1, description=f"loss {figures['loss']:.3f}")
                    if last or (number + 1) % self._pace.checkpoint_steps == 0:
                        save_checkpoint(self._checkpoint, number + 1, self._parts(), self._optimizer, self._facts)
        self._accelerator.wait_for_everyone()
        return self.student.eval()

    def _take(self, number: int, batch: Batch) -> dict[str, float]:
        began = time.monotonic()
        accelerator, optimisation = self._accelerator, self._optimisation
        torch.manual_seed(step_seed(self._seed, number, accelerator.process_index))
        factor = warmup_cosine(number, optimisation.steps, optimisation.warmup_steps)
        for group in self._optimizer.param_groups:
            group["lr"] = optimisation.learning_rate * factor
        targets = self._targets.read(batch.slices, batch.texts)
        targets = {term: rows.to(accelerator.device) for term, rows in targets.items()}
        batch = batch.to(accelerator.device)
        loss: StepLoss = self._wrapped(batch, targets)
        figures = self._mean_over_processes({"loss": float(loss.total.detach()), **loss.figures})
        self._require_finite(number, "loss", figures["loss"], Samples(batch, targets, loss.read_outs))
        self._optimizer.zero_grad(set_to_none=True)
        accelerator.backward(loss.total)
        norm = float(accelerator.clip_grad_norm_(self._step.parameters(), optimisation.clip_norm))
        self._require_finite(number, "gradient", norm, Samples(batch, targets, loss.read_outs))
        self._optimizer.step()
        if self._average is not None:
            self._average.update_parameters(self._step.student)
        rate = optimisation.learning_rate * factor
        return {**figures, "gradient norm": norm, "learning rate": rate, "seconds": time.monotonic() - began}

    def _mean_over_processes(self, figures: dict[str, float]) -> dict[str, float]:
        """Figures of the whole step: the alignment's are of all processes already, the reconstruction's are not."""
        if self._accelerator.num_processes == 1:
            return figures
        values = torch.tensor(list(figures.values()), device=self._accelerator.device)
        return dict(zip(figures, self._accelerator.reduce(values, "mean").tolist(), strict=True))

    def _require_finite(self, number: int, what: str, value: float, samples: Samples) -> None:
        """Stop in all processes if value, which is the same in all of them, is not finite."""
        if math.isfinite(value):
            return
        broken = samples.broken()
        elsewhere = int(self._accelerator.reduce(broken.sum().to(self._accelerator.device), "sum")) > int(broken.sum())
        names = samples.names(broken) or (["those that another process names"] if elsewhere else samples.names(~broken))
        more = f"; and {len(names) - _NAMED_SAMPLES} more" if names[_NAMED_SAMPLES:] else ""
        raise PretrainingError(
            f"step {number} gives a {what} that is not finite; its samples: {'; '.join(names[:_NAMED_SAMPLES])}{more}. "
            "The run stopped before the step changed anything",
            self._checkpoint,
            "look at these volumes, or start again from the checkpoint with a lower learning rate",
        )

    def _parts(self) -> dict[str, nn.Module]:
        average = {} if self._average is None else {"average": self._average}
        return {"step": self._step, **average}

    def _load(self) -> int:
        step = load_checkpoint(self._checkpoint, self._parts(), self._optimizer) if self._checkpoint.exists() else 0
        require_same_sight(self._checkpoint, step, self._accelerator.device)
        return step


def _average_of(student: Student, decay: float) -> AveragedModel | None:
    return AveragedModel(student, multi_avg_fn=get_ema_multi_avg_fn(decay)) if decay > 0 else None


def _groups(step: TrainingStep, weight_decay: float) -> list[dict[str, object]]:
    """Matrices and kernels of the networks shrink; biases, norms and what the alignment learns do not."""
    own = {id(parameter) for parameter in step.alignment.parameters()}
    parameters = list(step.parameters())
    shrinking = [each for each in parameters if each.ndim > 1 and id(each) not in own]
    others = [each for each in parameters if each.ndim <= 1 or id(each) in own]
    return [{"params": shrinking, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
