"""One synthetic MR image of a whole head."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from Med3DInsightLib.volumes import Grid, Modality, Reorientation, Volume

from ..synthesis.appearance import AppearanceRule, draw_appearance
from ..synthesis.contrasts import Contrast
from ..synthesis.tissues import TISSUES, TissueTable

_COARSER = 2
_TEXTURE_SIGMA = 0.02
_LEVELS = 1000


def draw_head(label_map: Volume, table: TissueTable, contrast: Contrast, generator: np.random.Generator) -> Volume:
    """An MR image of the head in a label map of FreeSurfer ids, RAS oriented, at twice its spacing.

    Every structure has one mean intensity; blocks of eight voxels are averaged, so partial volume is exact; then
    comes what a scanner does (see draw_appearance). Raises ValueError for an id that is not in the table.
    """
    turn = Reorientation.to(label_map.grid, "RAS")
    structures = torch.from_numpy(table.structure_indices(turn.apply(label_map.array_kji))).long()
    k, j, i = (size - size % _COARSER for size in structures.shape)
    structures = structures[:k, :j, :i]
    tissue_names = [TISSUES[tissue] for tissue in table.tissue_of_structure]
    values = torch.from_numpy(contrast.draw(table.structures, tissue_names, generator))[structures]
    values += _TEXTURE_SIGMA * torch.from_numpy(generator.standard_normal((k, j, i), dtype=np.float32))
    image = draw_appearance(functional.avg_pool3d(values[None, None], _COARSER)[0, 0], AppearanceRule(), generator)
    array = np.rint(image.clamp(-1, 3).numpy() * _LEVELS).astype(np.int16)
    return Volume(array, _coarser_grid(turn.target, (k // _COARSER, j // _COARSER, i // _COARSER)), Modality.MR)


def _coarser_grid(grid: Grid, shape_kji: tuple[int, int, int]) -> Grid:
    """The grid of blocks of voxels, each at the centre of its block."""
    affine = grid.ijk_to_ras.copy()
    affine[:3, 3] = grid.ras_of([(_COARSER - 1) / 2] * 3)
    affine[:3, :3] *= _COARSER
    return Grid(shape_kji, affine)
