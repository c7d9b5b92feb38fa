"""What a run needs to know about what it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import nn
from torch.utils.data import Dataset

from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.networks.backbones.backbone import Backbone

from ...loops.examples import Example

Report = Callable[[str], None]
Figures = dict[str, float]


@dataclass(frozen=True, eq=False)
class Task:
    """Everything that a run trains, measures and writes.

    objective(images, targets) is the loss; network, with its backbone, is the part of it that is kept. digest is a text
    that differs if the cases do. measure(network) gives figures, of which `score` decides what is best.
    finish(network) changes the best network where something is learnt after training, and gives the
    figures of the card. describe(folder) writes down what was found in the data set.
    """

    objective: nn.Module
    network: nn.Module
    backbone: Backbone
    examples: Dataset[Example]
    batch: int
    card: ModelCard
    digest: str
    measure: Callable[[nn.Module], Figures]
    finish: Callable[[nn.Module], Figures]
    describe: Callable[[Path], None]


class TaskSource(Protocol):
    """Makes a task of a data set and a recipe; see SegmentationTasks and ClassificationTasks."""

    def check(self, report: Report) -> str:
        """Look at all cases, and tell in one line what they are; raises UserError for what is wrong with them."""

    def make(self, device: torch.device, report: Report) -> Task:
        """The task, with the recipe's seed for all that is random in it; raises UserError as check() does."""
