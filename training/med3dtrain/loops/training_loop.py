"""The loop of every training: steps, schedule, average, measurements, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Generic, Protocol, cast

import torch
from accelerate import Accelerator
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .batch_norms import rest_with_their_weights
from .checkpoint import load_checkpoint, require_same_sight, save_checkpoint
from .errors import TrainingError
from .learner import BatchLoss, BatchT, Learner, NetworkT
from .schedule import warmup_cosine
from .settings import OptimisationSettings, PaceSettings
from .step_seed import step_seed
from .together import of_first_process

CHECKPOINT = "checkpoint.safetensors"


class Log(Protocol):
    """Where figures of steps go; see RunLog."""

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Add the figures of a step."""


class TrainingLoop(Generic[BatchT, NetworkT]):
    """Trains a learner with numbered batches, and goes on, to the bit, where a killed process left off.

        loop = TrainingLoop(learner, accelerator, optimisation, pace, folder, seed=0, facts={})
        network = loop.run(batches, measure, log)

    What is random in a step depends on the seed, the number of the step and the process alone, so no state of random
    generators has to be kept. Batch norms rest with their weights. The folder gets checkpoint.safetensors: the
    learner's parts, the average of its network, the optimizer, and facts, which are what must not change within a run.

    A loss or gradient that is not finite raises TrainingError with the names of samples before it changes anything; the
    last checkpoint stays.
    """

    def __init__(
        self,
        learner: Learner[BatchT, NetworkT],
        accelerator: Accelerator,
        optimisation: OptimisationSettings,
        pace: PaceSettings,
        folder: Path,
        seed: int,
        facts: Mapping[str, str],
    ) -> None:
        self._learner = learner
        self._accelerator = accelerator
        self._wrapped: nn.Module = accelerator.prepare(learner.objective)
        average = get_ema_multi_avg_fn(optimisation.average_decay)
        self._average = AveragedModel(learner.network, multi_avg_fn=average)
        self._optimizer = torch.optim.AdamW(
            [{"params": group.parameters, "weight_decay": group.weight_decay} for group in learner.groups],
            lr=optimisation.learning_rate,
        )
        self._optimisation = optimisation
        self._pace = pace
        self._checkpoint = folder / CHECKPOINT
        self._parts = {**learner.parts, "average": self._average}
        self._seed = seed
        self._facts = facts
        self.first_step = self._next_step = self._load()

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to train: the last step was taken, or patience has ended."""
        best = self._learner.best
        return self._next_step >= self._optimisation.steps or (best is not None and best.is_final)

    @property
    def network(self) -> NetworkT:
        """What was learnt so far: the best network that was measured, or the average if none is chosen."""
        best = self._learner.best
        return cast(NetworkT, (self._average.module if best is None else best.weights).eval())

    def run(
        self,
        batches: Callable[[int, int], Iterable[BatchT]],
        measure: Callable[[NetworkT], Mapping[str, float]],
        log: Log | None,
        most_seconds: float = math.inf,
    ) -> NetworkT:
        """Train to the last step or until patience ends, and return what was learnt.

        batches(first, last) gives those of the steps from first to last - 1. measure(network) gives figures of the
        average by name; the one called `score` decides what is best. log is None in all processes but the first; all
        of them measure, and the score of the first decides, so that they stop together. After most_seconds the loop
        stops too, unless the last step was taken (see is_finished); another one goes on from the checkpoint.
        """
        if self.is_finished:
            return self.network
        began = time.monotonic()
        first, steps, pace = self.first_step, self._optimisation.steps, self._pace
        self._learner.objective.train()
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), disable=log is None) as bar:
            task = bar.add_task("training", total=steps, completed=first)
            for number, batch in enumerate(batches(first, steps), start=first):
                figures = self._take(number, batch)
                self._next_step = number + 1
                if self._next_step == steps or self._next_step % pace.measure_steps == 0:
                    figures |= self._measure(measure)
                ends = self.is_finished or self._is_late(began, most_seconds)
                if log is not None:
                    log.write(number, figures)
                    bar.update(task, completed=self._next_step, description=f"loss {figures['loss']:.3f}")
                    if ends or self._next_step % pace.checkpoint_steps == 0:
                        save_checkpoint(self._checkpoint, self._next_step, self._parts, self._optimizer, self._facts)
                if ends:
                    break
        self._accelerator.wait_for_everyone()
        return self.network

    def _is_late(self, began: float, most_seconds: float) -> bool:
        """Whether the first process has trained for most_seconds."""
        if math.isinf(most_seconds):
            return False
        return of_first_process(time.monotonic() - began, self._accelerator.device) > most_seconds

    def _take(self, number: int, batch: BatchT) -> dict[str, float]:
        """Take a step, and tell its figures."""
        began = time.monotonic()
        learner, accelerator, optimisation = self._learner, self._accelerator, self._optimisation
        torch.manual_seed(step_seed(self._seed, number, accelerator.process_index))
        rate = optimisation.learning_rate * warmup_cosine(number, optimisation.steps, optimisation.warmup_steps)
        for group, entries in zip(learner.groups, self._optimizer.param_groups, strict=True):
            entries["lr"] = rate * group.rate
            group.freeze(number)
        rest_with_their_weights(learner.objective)
        loss = learner.loss(self._wrapped, batch)
        self._require_finite(number, "loss", loss.total.detach(), loss)
        self._optimizer.zero_grad(set_to_none=True)
        accelerator.backward(loss.total)
        norm = torch.as_tensor(accelerator.clip_grad_norm_(learner.objective.parameters(), optimisation.clip_norm))
        self._require_finite(number, "gradient", norm, loss)
        self._optimizer.step()
        self._average.update_parameters(learner.network)
        figures = self._mean_over_processes({"loss": float(loss.total.detach()), **loss.figures})
        seconds = time.monotonic() - began
        return {**figures, "gradient norm": float(norm), "learning rate": rate, "seconds": seconds}

    def _mean_over_processes(self, figures: Mapping[str, float]) -> dict[str, float]:
        if self._accelerator.num_processes == 1:
            return dict(figures)
        values = torch.tensor(list(figures.values()), device=self._accelerator.device)
        return dict(zip(figures, self._accelerator.reduce(values, "mean").tolist(), strict=True))

    def _measure(self, measure: Callable[[NetworkT], Mapping[str, float]]) -> dict[str, float]:
        average = cast(NetworkT, self._average.module.eval())
        figures = dict(measure(average))
        if self._learner.best is not None:
            figures["score"] = of_first_process(figures["score"], self._accelerator.device)
            self._learner.best.offer(average, figures["score"])
        return figures

    def _require_finite(self, number: int, what: str, value: Tensor, loss: BatchLoss) -> None:
        """Stop in all processes if a value is not finite in one of them."""
        broken = self._accelerator.reduce((~value.isfinite()).float(), "sum")
        if bool(broken):
            raise TrainingError(
                f"step {number} gives a {what} that is not finite; {loss.suspects()}. The run stopped before the step "
                "changed anything",
                self._checkpoint,
                "look at these images, or start again from the checkpoint with a lower learning rate",
            )

    def _load(self) -> int:
        step = load_checkpoint(self._checkpoint, self._parts, self._optimizer) if self._checkpoint.exists() else 0
        require_same_sight(self._checkpoint, step, self._accelerator.device)
        return step
