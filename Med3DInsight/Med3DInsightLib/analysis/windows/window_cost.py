"""What one window costs a network, found by running it."""

from __future__ import annotations

import time

import psutil
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from ...networks.footprint import activation_bytes
from .estimate import WindowCost


def window_cost(network: nn.Module, patch_kji: tuple[int, int, int], device: torch.device) -> WindowCost:
    """The time and memory of one window of noise; of two runs the faster one counts."""
    shape = (1, 1, *patch_kji)
    window = torch.rand(shape, device=device)
    seconds = []
    with torch.inference_mode():
        for _ in range(2):  # the first one also chooses algorithms and starts threads
            started_at = time.monotonic()
            first = next(leaf for leaf in tree_leaves(network(window)) if isinstance(leaf, Tensor))
            first.flatten()[0].item()  # reading a value waits for an accelerator
            seconds.append(time.monotonic() - started_at)
    return WindowCost(min(seconds), activation_bytes(network, shape))


def available_bytes(device: torch.device) -> int:
    """The memory that is free now where a network computes."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)
