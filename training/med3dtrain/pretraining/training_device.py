"""Where pretraining runs."""

from __future__ import annotations

import torch

from Med3DInsightLib.analysis.computing.device import Device, choose_device

from .errors import PretrainingError


def training_device(wanted: Device) -> torch.device:
    """The device for wanted; AUTO prefers CUDA, then the CPU.

    Raises UserError if wanted is not there, or is MPS: transport plans are solved in float64, which MPS lacks.
    """
    chosen = choose_device(wanted)
    if chosen.type != Device.MPS:
        return chosen
    if wanted == Device.AUTO:
        return torch.device(Device.CPU.value)
    raise PretrainingError(
        "pretraining solves transport plans in float64, which an MPS device cannot", next_step="choose --device cpu"
    )
