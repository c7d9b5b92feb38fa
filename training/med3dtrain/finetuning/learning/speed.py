"""How many steps fit into a time."""

from __future__ import annotations

import copy
import time

from accelerate import Accelerator
from torch import nn

from ...loops.examples import Example, LabelledBatch
from ...loops.numbered_batches import NumberedBatches

_TIMED_STEPS, _FIRST_STEPS = 6, 2
_FOR_MEASURING = 0.9
"""Of the time; the rest is for measuring on validation cases and for the end."""


def steps_within(
    minutes: float, objective: nn.Module, batches: NumberedBatches[Example, LabelledBatch], accelerator: Accelerator
) -> int:
    """Steps that take so many minutes, from the pace of a few on a copy of the objective; at least one."""
    trial = copy.deepcopy(objective).to(accelerator.device).train()
    began = time.monotonic()
    for number, batch in enumerate(batches(0, _FIRST_STEPS + _TIMED_STEPS)):
        if number == _FIRST_STEPS:  # the first ones also choose algorithms and start threads
            began = time.monotonic()
        _step(trial, batch, accelerator)
    seconds = (time.monotonic() - began) / _TIMED_STEPS
    return max(1, int(_FOR_MEASURING * minutes * 60 / seconds))


def _step(objective: nn.Module, batch: LabelledBatch, accelerator: Accelerator) -> None:
    objective.zero_grad(set_to_none=True)
    with accelerator.autocast():
        loss = batch.loss(objective, accelerator.device)
    loss.backward()
    float(loss.detach())  # reading a value waits for an accelerator
