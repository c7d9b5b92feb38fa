"""The batch of all processes in every process, with gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist
from torch.autograd.function import once_differentiable


def gather_batch(x: Tensor) -> Tensor:
    """Concatenate x (N, ...) of all processes along the first axis, in the order of their ranks.

    Without torch.distributed, or with one process, x itself. Every process must go on to compute the same loss of
    the whole batch, as the alignment does, and gradients of parameters must then be averaged over processes, as
    DistributedDataParallel and accelerate do. The gradient of the own part is therefore multiplied by the number
    of processes, and the averages are the gradients that one process with the whole batch would have.

    Raises ValueError if the processes have batches of different shapes.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return x
    size = torch.tensor(x.shape, device=x.device)
    sizes = [torch.empty_like(size) for _ in range(dist.get_world_size())]
    dist.all_gather(sizes, size)
    if any(not torch.equal(size, other) for other in sizes):
        raise ValueError(f"processes have batches of different shapes: {[tuple(other.tolist()) for other in sizes]}")
    gathered: Tensor = _Gather.apply(x)  # type: ignore[no-untyped-call]
    return gathered


class _Gather(torch.autograd.Function):
    """all_gather whose backward needs no communication, because all processes have the same loss."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.first = dist.get_rank() * len(x)
        ctx.length = len(x)
        parts = [torch.empty_like(x) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, x.contiguous())
        return torch.cat(parts)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return dist.get_world_size() * gradient[ctx.first : ctx.first + ctx.length]
