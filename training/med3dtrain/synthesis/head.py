"""One synthetic MR image of a whole head."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from Med3DInsightLib.volumes import Grid, Modality, Reorientation, Volume

from .appearance import AppearanceRule, draw_appearance, draw_noise
from .contrasts import Contrast
from .label_table import LabelTable

_TEXTURE_SIGMA = 0.02
_LEVELS = 1000


def draw_head(
    label_map: Volume, table: LabelTable, contrast: Contrast, generator: np.random.Generator, block_voxel: int = 2
) -> Volume:
    """An MR image of the head in a label map of FreeSurfer ids, RAS oriented, at block_voxel times its spacing.

    Every structure has one mean intensity; blocks of block_voxel^3 voxels are averaged, so partial volume is exact;
    then comes what a scanner does (see draw_appearance). Raises ValueError for an id that is not in the table.
    """
    turn = Reorientation.to(label_map.grid, "RAS")
    parts = torch.from_numpy(table.part_indices(turn.apply(label_map.array_kji))).long()
    k, j, i = (size - size % block_voxel for size in parts.shape)
    means = contrast.draw(table.structures, table.tissue_names, generator)[table.structure_of_part]
    values = torch.from_numpy(means)[parts[:k, :j, :i]]
    values += _TEXTURE_SIGMA * draw_noise(values, generator)
    image = draw_appearance(functional.avg_pool3d(values[None, None], block_voxel)[0, 0], AppearanceRule(), generator)
    array = np.rint(image.clamp(-1, 3).numpy() * _LEVELS).astype(np.int16)
    return Volume(array, _grid_of_blocks(turn.target, block_voxel), Modality.MR)


def _grid_of_blocks(grid: Grid, block_voxel: int) -> Grid:
    """The grid of whole blocks of voxels, each at the centre of its block."""
    affine = grid.ijk_to_ras.copy()
    affine[:3, 3] = grid.ras_of([(block_voxel - 1) / 2] * 3)
    affine[:3, :3] *= block_voxel
    k, j, i = (size // block_voxel for size in grid.shape_kji)
    return Grid((k, j, i), affine)
