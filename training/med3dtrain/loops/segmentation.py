"""Training a segmentation network on an endless, numbered source of examples."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from Med3DInsightLib.analysis.device import has_fast_bfloat16
from Med3DInsightLib.networks.segmentation import SegmentationNetwork

from .checkpoint import load_checkpoint, save_checkpoint
from .losses import soft_dice_cross_entropy
from .schedule import warmup_cosine


class Examples(Protocol):
    """A source of training examples in which every number always gives the same example."""

    def draw(self, index: int) -> tuple[Tensor, Tensor]:
        """Image (K, J, I) and class fractions (C, K, J, I)."""


@dataclass(frozen=True)
class LoopConfig:
    """How long and how fast to train.

    head_rate is how many times as fast the layer of the scores learns: with many classes its few weights have far to
    go, and Adam moves all weights by about the same.
    """

    steps: int = 5000
    batch: int = 1
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-4
    warmup_steps: int = 100
    clip_norm: float = 5.0
    average_decay: float = 0.998
    checkpoint_seconds: float = 120.0
    mixed_precision: bool = True
    head_rate: float = 1.0


class SegmentationLoop:
    """Optimises a network with AdamW, a cosine schedule and an average of its weights.

        loop = SegmentationLoop(network, examples, LoopConfig(steps=5000), Path("run"))
        averaged = loop.run()

    Examples are numbered by step, so a run that was killed continues exactly where its last
    checkpoint was. The folder gets checkpoint.safetensors and log.jsonl.
    """

    def __init__(
        self,
        network: SegmentationNetwork,
        examples: Examples,
        config: LoopConfig,
        folder: Path,
        device: str = "cpu",
        on_step: Callable[[int, float], None] | None = None,
    ) -> None:
        self._mixed_precision = config.mixed_precision and has_fast_bfloat16(torch.device(device))
        # On a CPU, channels last makes a step half as long again in float32, and a tenth longer in bfloat16.
        is_cuda = device.startswith("cuda")
        self._format = torch.channels_last_3d if self._mixed_precision and is_cuda else torch.contiguous_format
        self._network = network.to(device, memory_format=self._format)  # type: ignore[call-overload]
        self._average = AveragedModel(self._network, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay))
        head = list(network.decoder.head.parameters())
        others = [each for each in network.parameters() if all(each is not one for one in head)]
        self._optimizer = torch.optim.AdamW(
            [{"params": others}, {"params": head}], lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._examples = examples
        self._config = config
        self._folder = folder
        self._device = device
        self._on_step = on_step or (lambda step, loss: None)

    def run(self, most_seconds: float = math.inf) -> nn.Module | None:
        """Train to the configured number of steps, resuming if there is a checkpoint.

        Returns the network with averaged weights, or None if it takes more than most_seconds: then everything is in the
        checkpoint.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        checkpoint = self._folder / "checkpoint.safetensors"
        first = 0
        if checkpoint.exists():
            first = load_checkpoint(checkpoint, self._parts, self._optimizer)
        self._network.train()
        began = saved_at = time.monotonic()
        columns = ("{task.description}", BarColumn(), TextColumn("{task.completed}/{task.total}"))
        with Progress(*columns, TimeRemainingColumn()) as progress:
            bar = progress.add_task("training", total=self._config.steps, completed=first)
            for step in range(first, self._config.steps):
                loss = self._take_step(step)
                progress.update(bar, completed=step + 1, description=f"loss {loss:.3f}")
                self._log(step, loss)
                self._on_step(step, loss)
                if time.monotonic() - began > most_seconds and step + 1 < self._config.steps:
                    save_checkpoint(checkpoint, step + 1, self._parts, self._optimizer)
                    return None
                if time.monotonic() - saved_at > self._config.checkpoint_seconds:
                    save_checkpoint(checkpoint, step + 1, self._parts, self._optimizer)
                    saved_at = time.monotonic()
        save_checkpoint(checkpoint, self._config.steps, self._parts, self._optimizer)
        averaged: nn.Module = self._average.module
        return averaged.eval()

    @property
    def _parts(self) -> dict[str, nn.Module]:
        """What a checkpoint holds besides the optimizer."""
        return {"network": self._network, "average": self._average}

    def _take_step(self, step: int) -> float:
        config = self._config
        factor = warmup_cosine(step, config.steps, config.warmup_steps)
        for group, rate in zip(self._optimizer.param_groups, (1.0, config.head_rate), strict=True):
            group["lr"] = config.learning_rate * factor * rate
        first = step * config.batch
        pairs = [self._examples.draw(index) for index in range(first, first + config.batch)]
        images = torch.stack([image[None] for image, _ in pairs]).to(self._device)
        fractions = torch.stack([fraction for _, fraction in pairs]).to(self._device)
        with torch.autocast(self._device.split(":")[0], dtype=torch.bfloat16, enabled=self._mixed_precision):
            scores = self._network(images.contiguous(memory_format=self._format))
        loss = soft_dice_cross_entropy(scores, fractions)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), config.clip_norm)
        self._optimizer.step()
        self._average.update_parameters(self._network)
        return float(loss.detach())

    def _log(self, step: int, loss: float) -> None:
        with open(self._folder / "log.jsonl", "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"step": step, "loss": round(loss, 5), "time": round(time.time(), 1)}) + "\n")
