"""Reading the label maps that synthetic images are drawn from."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes.files.reading import read_volume
from Med3DInsightLib.volumes.orientation import Reorientation

from .label_table import LabelTable

_TOLERANCE_MM = 0.05


def read_label_maps(
    folder: str | Path, table: LabelTable, spacing_mm: float, held_out: Collection[str] = ()
) -> list[Tensor]:
    """Part indices (K, J, I), RAS oriented, of every .nii.gz file of folder but those held out, in name order.

    Raises UserError if one that is to be held out is not there, if there is none else, if one cannot be read or has
    no brain, or if its spacing is not spacing_mm or a label id not in the table.
    """
    absent = sorted(name for name in held_out if not (Path(folder) / name).is_file())
    if absent:
        raise UserError(
            f"the label maps to be held out are not there: {', '.join(absent)}",
            Path(folder),
            "name the right folder, or the label maps that are to be held out in the recipe",
        )
    paths = [path for path in sorted(Path(folder).glob("*.nii.gz")) if path.name not in held_out]
    if not paths:
        raise UserError("holds no .nii.gz label maps to learn from", folder, "name the folder of the label maps")
    return [torch.from_numpy(_part_indices(path, table, spacing_mm)) for path in paths]


def _part_indices(path: Path, table: LabelTable, spacing_mm: float) -> NDArray[np.uint8]:
    volume = read_volume(path)
    spacing = volume.grid.spacing_ijk_mm
    if abs(spacing - spacing_mm).max() > _TOLERANCE_MM:
        told = " x ".join(f"{length:g}" for length in spacing)
        raise UserError(f"the spacing is {told} mm, not {spacing_mm:g} mm", path, "resample it to the nearest label")
    try:
        indices = table.part_indices(Reorientation.to(volume.grid, "RAS").apply(volume.array_kji))
    except ValueError as error:
        raise UserError(str(error), path, "add them to the label table, or leave the label map out") from error
    if not table.is_brain_part[indices].any():  # images are drawn around the brain
        raise UserError("shows no grey or white matter", path, "leave the label map out")
    return indices
