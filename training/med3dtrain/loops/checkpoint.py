"""The state of a training run on disk: written atomically, read without unpickling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

_STEP_KEY = "step"


def save_checkpoint(path: Path, step: int, network: nn.Module, average: nn.Module, optimizer: Optimizer) -> None:
    """Write everything that a bit-exact continuation needs; a kill leaves the old file or the new."""
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in average.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in state.items()}
    partial = path.with_suffix(".partial")
    contiguous = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    save_file(contiguous, partial, metadata={_STEP_KEY: json.dumps(step)})
    partial.replace(path)


def load_checkpoint(path: Path, network: nn.Module, average: nn.Module, optimizer: Optimizer) -> int:
    """Restore what save_checkpoint wrote and return its step."""
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}}
    with safe_open(path, framework="pt") as stream:
        step = int(json.loads(stream.metadata()[_STEP_KEY]))
        for key in stream.keys():  # noqa: SIM118 - a safetensors handle is not a mapping
            part, name = key.split(".", 1)
            parts[part][name] = stream.get_tensor(key)
    network.load_state_dict(parts["network"])
    average.load_state_dict(parts["average"])
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in parts["optimizer"].items():
        index, name = key.split(".")
        state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return step
