"""How weights are kept in a file: as floating-point numbers, or in 8 bits with a scale for every output channel."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_SCALE = ".scale"
_MOST = 127  # -128 is not used, so that a weight and its negative are kept alike
_LEAST_NUMBERS = 1024


def stored(tensors: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Weights as they are written to a file, on the CPU.

    A floating-point dtype is that of all entries. With int8, every kernel and matrix of 1024 numbers or more becomes
    whole numbers from -127 to 127 and, as another entry NAME.scale (N) in float32, what they are multiplied by along
    their first axis (of a convolution the output channels), so that no weight changes by more than 1/254 of the largest
    of its channel. All else is kept as float32, and so is what is not finite.
    """
    if dtype != torch.int8:
        return {name: tensor.detach().to("cpu", dtype).contiguous() for name, tensor in tensors.items()}
    kept: dict[str, Tensor] = {}
    for name, tensor in stored(tensors, torch.float32).items():
        if tensor.dim() < 2 or tensor.numel() < _LEAST_NUMBERS or not tensor.isfinite().all():
            kept[name] = tensor
            continue
        scale = tensor.abs().amax(dim=tuple(range(1, tensor.dim()))) / _MOST
        # Of a channel of zeros, or of numbers so small that the scale is none, zeros are kept.
        steps = tensor / torch.where(scale > 0, scale, 1.0).reshape(-1, *[1] * (tensor.dim() - 1))
        kept[name] = steps.round().clamp(-_MOST, _MOST).to(torch.int8)
        kept[name + _SCALE] = scale
    return kept


def restored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The entries of a file with 8-bit ones as the float32 that they stand for, all others as they are.

    Raises ValueError if a scale does not fit the entry that it belongs to.
    """
    eight_bit = {name for name, tensor in tensors.items() if tensor.dtype == torch.int8 and name + _SCALE in tensors}
    scales = {name + _SCALE for name in eight_bit}
    return {
        name: _multiplied(name, tensor, tensors[name + _SCALE]) if name in eight_bit else tensor
        for name, tensor in tensors.items()
        if name not in scales
    }


def stored_dtype(tensors: Mapping[str, Tensor]) -> torch.dtype:
    """What the weights of a file are kept as: int8, or the dtype of all of them; float32 if they differ."""
    dtypes = {tensor.dtype for tensor in tensors.values() if tensor.is_floating_point() or tensor.dtype == torch.int8}
    if torch.int8 in dtypes:
        return torch.int8
    return dtypes.pop() if len(dtypes) == 1 else torch.float32


def _multiplied(name: str, steps: Tensor, scale: Tensor) -> Tensor:
    if not scale.is_floating_point() or steps.dim() < 1 or scale.shape != steps.shape[:1]:
        raise ValueError(
            f"entry '{name}{_SCALE}' is {scale.dtype} {tuple(scale.shape)}, and '{name}' has {tuple(steps.shape)}"
        )
    return steps.float() * scale.float().reshape(-1, *[1] * (steps.dim() - 1))
