"""The state of a training run on disk: written atomically, read without unpickling."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from Med3DInsightLib.errors import UserError

from .together import is_same_everywhere

_STEP_KEY = "step"
_FACTS_KEY = "facts"
_OPTIMIZER = "optimizer"


def save_checkpoint(
    path: Path,
    step: int,
    modules: Mapping[str, nn.Module],
    optimizer: Optimizer,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write everything that a bit-exact continuation needs; a kill leaves the old file or the new.

    Raises UserError if it cannot be written; the old file stays then too.

    modules are written by name, with their buffers. facts are remembered too: what has to be the same when the
    run goes on (see checkpoint_facts).
    """
    tensors = {
        f"{part}.{name}": tensor for part, module in modules.items() for name, tensor in module.state_dict().items()
    }
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"{_OPTIMIZER}.{index}.{name}": tensor for name, tensor in state.items()}
    partial = path.with_suffix(".partial")
    contiguous = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    metadata = {_STEP_KEY: json.dumps(step), _FACTS_KEY: json.dumps(dict(facts or {}))}
    try:
        save_file(contiguous, partial, metadata=metadata)
        with open(partial, "rb") as stream:
            os.fsync(stream.fileno())
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        with suppress(OSError):  # what is told is the error above
            partial.unlink(missing_ok=True)
        raise UserError(
            f"the checkpoint of step {step} cannot be written ({error})",
            path,
            "make room on the disk and run it again, to go on from the checkpoint before",
        ) from error


def checkpoint_facts(path: Path) -> dict[str, str]:
    """The facts that save_checkpoint was given; raises SafetensorError if the file is damaged."""
    with safe_open(path, framework="pt") as stream:
        facts: dict[str, str] = json.loads(stream.metadata().get(_FACTS_KEY, "{}"))
    return facts


def load_checkpoint(path: Path, modules: Mapping[str, nn.Module], optimizer: Optimizer) -> int:
    """Restore what save_checkpoint wrote and return its step; modules have the names they were saved with.

    Raises UserError if the checkpoint is of other modules, as one of another version of this program may be.
    """
    parts: dict[str, dict[str, Tensor]] = {}
    with safe_open(path, framework="pt") as stream:
        step = int(json.loads(stream.metadata()[_STEP_KEY]))
        for key in stream.keys():  # noqa: SIM118 - a safetensors handle is not a mapping
            part, name = key.split(".", 1)
            parts.setdefault(part, {})[name] = stream.get_tensor(key)
    optimizer_tensors = parts.pop(_OPTIMIZER, {})
    if parts.keys() != modules.keys():
        raise UserError(
            f"the checkpoint holds {_listed(parts)}, and this run needs {_listed(modules)}",
            path,
            "choose another output folder, or go on with the version of this program that began the run",
        )
    for name, module in modules.items():
        module.load_state_dict(parts[name])
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in optimizer_tensors.items():
        index, name = key.split(".")
        state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return step


def require_same_sight(path: Path, step: int, device: torch.device) -> None:
    """Raise UserError, in all processes, unless all of them found the same step at path, 0 for no checkpoint.

    All processes must call it; device is the one that they train on.
    """
    if not is_same_everywhere(step, device):
        raise UserError(
            f"the processes of this run see different checkpoints; this one is at step {step}",
            path,
            "choose an output folder on a disk that all of them see",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
