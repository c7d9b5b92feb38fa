"""What a loop trains, and what a batch costs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import Tensor, nn

from .best_network import BestNetwork
from .parameter_groups import ParameterGroup

BatchT = TypeVar("BatchT")
NetworkT = TypeVar("NetworkT", bound=nn.Module)


@dataclass(frozen=True)
class BatchLoss:
    """The loss of one process's part of a step, a scalar with its gradient.

    figures are more of the step for the log; of several processes, the log has their means. suspects() names the
    samples where the loss or its gradient is not finite, as a part of a sentence; all processes call it together.
    """

    total: Tensor
    figures: Mapping[str, float]
    suspects: Callable[[], str]


@dataclass(frozen=True, eq=False)
class Learner(Generic[BatchT, NetworkT]):
    """What a loop trains.

    objective has everything that is trained, and network is its part that is averaged, measured and kept. groups tell
    which parameters learn how fast and from which step on. loss(objective, batch) is what a step makes less; it is
    given the objective as it is wrapped for several processes. parts are what belongs into a checkpoint besides the
    average, by name. With best, the network with the best score is what is learnt, and without the last average.
    """

    objective: nn.Module
    network: NetworkT
    groups: list[ParameterGroup]
    loss: Callable[[nn.Module, BatchT], BatchLoss]
    parts: Mapping[str, nn.Module]
    best: BestNetwork | None = None
