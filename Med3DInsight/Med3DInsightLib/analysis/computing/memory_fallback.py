"""What to do when memory runs out and there is nothing to make smaller."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from typing import TypeVar

import psutil
import torch

from ...volumes import Grid
from .errors import MemoryShortage
from .kept_pages import return_pages
from .out_of_memory import is_out_of_memory

_Result = TypeVar("_Result")
_LOG = logging.getLogger(__name__)


def on_device_with_memory(device: torch.device, grid: Grid, compute: Callable[[torch.device], _Result]) -> _Result:
    """What compute returns on device or, if memory runs out there, on the CPU.

    grid is that of the volume, which is named if memory runs out everywhere: then MemoryShortage is raised.
    """
    for each in dict.fromkeys((device, torch.device("cpu"))):
        try:
            return compute(each)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        # Outside the handler, where the error no longer holds on to the tensors of the attempt.
        release_memory()
        _LOG.warning("memory ran out on %s", each.type.upper())
    raise shortage(grid)


def shortage(grid: Grid) -> MemoryShortage:
    """The error for a volume that nothing makes fit."""
    gigabytes = psutil.virtual_memory().available / 1e9
    voxels = "x".join(str(size) for size in grid.shape_ijk)
    return MemoryShortage(
        f"memory ran out on every plan for this volume of {voxels} voxels ({gigabytes:.1f} GB are free now)",
        next_step="close other programs, or crop the volume to the region of interest",
    )


def release_memory() -> None:
    """Give back what no object holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return_pages()
