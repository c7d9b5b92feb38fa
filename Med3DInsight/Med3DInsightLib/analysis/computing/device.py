"""Where the network runs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ...errors import UserError

if TYPE_CHECKING:
    import torch


class Device(StrEnum):
    """A kind of processor, or the best there is."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


def choose_device(wanted: Device) -> torch.device:
    """The torch device for wanted; AUTO prefers CUDA, then MPS, then the CPU.

    Raises UserError if wanted is not there.
    """
    import torch  # here, so that the command line can name devices without waiting for torch

    available = [Device.CPU]
    if torch.backends.mps.is_available():
        available.insert(0, Device.MPS)
    if torch.cuda.is_available():
        available.insert(0, Device.CUDA)
    if wanted == Device.AUTO:
        return torch.device(available[0].value)
    if wanted not in available:
        raise UserError(
            f"this computer has no usable {wanted.value.upper()} device",
            next_step=f"choose one of: {', '.join(device.value for device in available)}",
        )
    return torch.device(wanted.value)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 arithmetic is native on device; elsewhere it is emulated, two to a hundred times slower."""
    import torch

    if device.type == Device.CUDA:
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # What oneDNN calls supported includes emulation, which training is twice as slow with as with float32.
    return device.type == Device.CPU and bool(torch.cpu._is_avx512_bf16_supported())
