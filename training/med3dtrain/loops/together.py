"""What processes that train together have to agree on."""

from __future__ import annotations

import torch
from torch import Tensor
from torch import distributed as dist


def share_of_process(count: Tensor) -> Tensor:
    """A count, a scalar, relative to its mean over all processes; 1 without other processes.

        loss = terms.sum() / count.clamp_min(1.0) * share_of_process(count)

    Gradients are averaged over processes. A mean over as many terms as the own part of the batch happens to have is
    therefore weighted by this, and the average is the mean over all terms of the whole batch. All processes must call
    it equally often.
    """
    if _is_alone():
        return torch.ones_like(count)
    total = count.detach().clone()
    dist.all_reduce(total)
    return count * dist.get_world_size() / total.clamp_min(torch.finfo(total.dtype).tiny)


def of_first_process(value: float, device: torch.device) -> float:
    """The value that the first process has; device is the one that it trains on. All processes must call it."""
    if _is_alone():
        return value
    told = torch.tensor(value, dtype=torch.float64, device=device)
    dist.broadcast(told, src=0)
    return float(told)


def is_same_everywhere(value: int, device: torch.device) -> bool:
    """Whether all processes have the same value; device is the one that they train on. All processes must call it."""
    if _is_alone():
        return True
    own = torch.tensor([value, -value], device=device)
    dist.all_reduce(own, op=dist.ReduceOp.MAX)
    most, least = own.tolist()
    return bool(most == -least)


def _is_alone() -> bool:
    return not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1)
