"""A loop for everything that is learnt from numbered examples with targets."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from accelerate import Accelerator
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from Med3DInsightLib.errors import UserError

from .batch_norms import rest_with_their_weights
from .best_network import BestNetwork
from .checkpoint import load_checkpoint, require_same_sight, save_checkpoint
from .parameter_groups import ParameterGroup
from .schedule import warmup_cosine
from .settings import OptimisationSettings, PatientPaceSettings
from .step_seed import step_seed
from .together import of_first_process

CHECKPOINT = "checkpoint.safetensors"


class TrainingError(UserError):
    """A loop cannot go on; the message is one line."""


@dataclass(frozen=True)
class LabelledBatch:
    """Images (B, 1, K, J, I), targets (B, ...) and the names (B) of the cases they are of."""

    images: Tensor
    targets: Tensor
    names: tuple[str, ...]


class Log(Protocol):
    """Where figures of steps go; see RunLog."""

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Add the figures of a step."""


class SupervisedLoop:
    """Trains an objective with numbered batches, keeps the best network, and goes on after a kill.

        loop = SupervisedLoop(objective, network, groups, accelerator, optimisation, pace, folder, seed=0, facts={})
        best = loop.run(batches, measure, log)

    objective(images, targets) is the loss; network is the part of it that is averaged, measured and kept. groups tell
    which of its parameters learn how fast and from which step on; batch norms rest with their weights. measure(network)
    gives figures by name, of which the one called `score` decides what is best. What is random in a step depends on the
    seed and the step alone. The folder gets checkpoint.safetensors, with facts: what must not change within a run.

    A loss that is not finite raises TrainingError with the names of the batch's cases before it changes
    anything; the last checkpoint stays.
    """

    def __init__(
        self,
        objective: nn.Module,
        network: nn.Module,
        groups: list[ParameterGroup],
        accelerator: Accelerator,
        optimisation: OptimisationSettings,
        pace: PatientPaceSettings,
        folder: Path,
        seed: int,
        facts: Mapping[str, str],
    ) -> None:
        self._accelerator = accelerator
        self._objective = objective
        self._wrapped: nn.Module = accelerator.prepare(objective)
        self._network = network
        self._average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(optimisation.average_decay))
        self._best = BestNetwork(network)
        self._groups = groups
        self._optimizer = torch.optim.AdamW(
            [{"params": group.parameters, "weight_decay": group.weight_decay} for group in groups],
            lr=optimisation.learning_rate,
        )
        self._optimisation = optimisation
        self._pace = pace
        self._checkpoint = folder / CHECKPOINT
        self._seed = seed
        self._facts = facts
        self.first_step = self._next_step = self._load()

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to train: the last step was taken, or patience has ended."""
        return self._next_step >= self._optimisation.steps or self._is_over

    @property
    def best(self) -> nn.Module:
        """The best network that was measured so far."""
        return self._best.weights.eval()

    def run(
        self,
        batches: Callable[[int, int], Iterable[LabelledBatch]],
        measure: Callable[[nn.Module], dict[str, float]],
        log: Log | None,
        most_seconds: float = math.inf,
    ) -> nn.Module:
        """Train to the last step or until patience ends, and return the best network.

        batches(first, last) gives those of the steps from first to last - 1. log is None in all processes but the
        first; all of them measure, and the score of the first decides, so that they stop together. After most_seconds
        the loop stops too, unless the last step was taken (see is_finished); another one goes on from the checkpoint.
        """
        began = time.monotonic()
        steps = self._optimisation.steps
        self._objective.train()
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), disable=log is None) as bar:
            task = bar.add_task("training", total=steps, completed=self.first_step)
            if self._is_over:
                return self.best
            for number, batch in enumerate(batches(self.first_step, steps), start=self.first_step):
                figures = self._take(number, batch)
                last = number + 1 == steps
                if last or (number + 1) % self._pace.measure_steps == 0:
                    figures |= self._measure(measure)
                self._next_step = number + 1
                ends = self.is_finished or self._is_late(began, most_seconds)
                if log is not None:
                    log.write(number, figures)
                    bar.update(task, completed=number + 1, description=f"loss {figures['loss']:.3f}")
                    if ends or (number + 1) % self._pace.checkpoint_steps == 0:
                        save_checkpoint(self._checkpoint, number + 1, self._parts(), self._optimizer, self._facts)
                if ends:
                    break
        self._accelerator.wait_for_everyone()
        return self.best

    @property
    def _is_over(self) -> bool:
        return 0 < self._pace.patience <= int(self._best.misses)

    def _is_late(self, began: float, most_seconds: float) -> bool:
        """Whether the first process has trained for most_seconds."""
        if math.isinf(most_seconds):
            return False
        return of_first_process(time.monotonic() - began, self._accelerator.device) > most_seconds

    def _take(self, number: int, batch: LabelledBatch) -> dict[str, float]:
        began = time.monotonic()
        accelerator, optimisation = self._accelerator, self._optimisation
        torch.manual_seed(step_seed(self._seed, number, accelerator.process_index))
        factor = warmup_cosine(number, optimisation.steps, optimisation.warmup_steps)
        for group, entries in zip(self._groups, self._optimizer.param_groups, strict=True):
            entries["lr"] = optimisation.learning_rate * factor * group.rate
            group.freeze(number)
        rest_with_their_weights(self._objective)
        with accelerator.autocast():
            loss: Tensor = self._wrapped(batch.images.to(accelerator.device), batch.targets.to(accelerator.device))
        self._require_finite(number, "loss", loss.detach(), batch)
        self._optimizer.zero_grad(set_to_none=True)
        accelerator.backward(loss)
        norm = accelerator.clip_grad_norm_(self._objective.parameters(), optimisation.clip_norm)
        self._require_finite(number, "gradient", torch.as_tensor(norm), batch)
        self._optimizer.step()
        self._average.update_parameters(self._network)
        rate = optimisation.learning_rate * factor
        mean = float(accelerator.reduce(loss.detach(), "mean"))
        return {"loss": mean, "gradient norm": float(norm), "learning rate": rate, "seconds": time.monotonic() - began}

    def _measure(self, measure: Callable[[nn.Module], dict[str, float]]) -> dict[str, float]:
        network = self._average.module.eval()
        figures = measure(network)
        figures["score"] = of_first_process(figures["score"], self._accelerator.device)
        self._best.offer(network, figures["score"])
        return figures

    def _require_finite(self, number: int, what: str, value: Tensor, batch: LabelledBatch) -> None:
        """Stop in all processes if a value is not finite in one of them."""
        broken = self._accelerator.reduce((~value.isfinite()).float(), "sum")
        if not bool(broken):
            return
        names = "; ".join(batch.names)
        raise TrainingError(
            f"step {number} gives a {what} that is not finite; the batch's cases: {names}. The run stopped before the "
            "step changed anything",
            self._checkpoint,
            "look at these cases, or start again from the checkpoint with a lower learning rate",
        )

    def _parts(self) -> dict[str, nn.Module]:
        return {"objective": self._objective, "average": self._average, "best": self._best}

    def _load(self) -> int:
        step = load_checkpoint(self._checkpoint, self._parts(), self._optimizer) if self._checkpoint.exists() else 0
        require_same_sight(self._checkpoint, step, self._accelerator.device)
        return step
