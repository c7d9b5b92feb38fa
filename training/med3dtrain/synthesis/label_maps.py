"""Reading the label maps that synthetic images are drawn from."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
from torch import Tensor

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes.orientation import Reorientation
from Med3DInsightLib.volumes.reading import read_volume

from .label_table import LabelTable

_TOLERANCE_MM = 0.05


def read_label_maps(
    folder: str | Path, table: LabelTable, spacing_mm: float, held_out: Collection[str] = ()
) -> list[Tensor]:
    """Part indices (K, J, I), RAS oriented, of every .nii.gz file of folder but those held out, in name order.

    Raises UserError if one that is to be held out is not there, FileNotFoundError if there is none else, ValueError if
    the spacing of one is not spacing_mm or a label id is not in the table.
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
        raise FileNotFoundError(f"{folder} holds no .nii.gz label maps")
    maps = []
    for path in paths:
        volume = read_volume(path)
        if abs(volume.grid.spacing_ijk_mm - spacing_mm).max() > _TOLERANCE_MM:
            raise ValueError(f"{path}: the spacing is {volume.grid.spacing_ijk_mm} mm, not {spacing_mm} mm")
        turned = Reorientation.to(volume.grid, "RAS").apply(volume.array_kji)
        maps.append(torch.from_numpy(table.part_indices(turned)))
    return maps
