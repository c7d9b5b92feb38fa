"""What computes the steps of a training, in one process or in several."""

from __future__ import annotations

from datetime import timedelta

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, InitProcessGroupKwargs

from Med3DInsightLib.analysis.computing.device import Device, has_fast_bfloat16
from Med3DInsightLib.analysis.computing.kept_pages import keep_pages

_LONGEST_PREPARATION = timedelta(hours=24)
"""How long processes wait for the first one, which prepares volumes and what belongs to them."""


def accelerator_on(
    device: torch.device, mixed_precision: bool, distributed: DistributedDataParallelKwargs | None = None
) -> Accelerator:
    """An accelerator for a device that computes in bfloat16 if that is wanted and fast there.

    distributed says what is special about gradients of several processes.
    """
    keep_pages()
    handlers = [InitProcessGroupKwargs(timeout=_LONGEST_PREPARATION), *([distributed] if distributed else [])]
    return Accelerator(
        cpu=device.type == Device.CPU,
        mixed_precision="bf16" if mixed_precision and has_fast_bfloat16(device) else "no",
        kwargs_handlers=handlers,
    )
