"""Bottleneck features as a list of tokens that know where they are in the patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..volumes.grid import Grid


@dataclass(frozen=True)
class TokenGrid:
    """Tokens of one window and the RAS position of each.

    tokens has shape (B, N, C) and positions_ras_mm (N, 3), in mm; N runs over shape_kji with I
    fastest. A token stands at the centre of the block of voxels that it summarises.

        tokens = backbone.tokens(x, window_grid)
        tokens.as_map()          # (B, C, K / stride, J / stride, I / stride)
    """

    tokens: Tensor
    positions_ras_mm: Tensor
    shape_kji: tuple[int, int, int]

    @classmethod
    def of_features(cls, features: Tensor, stride: int, grid: Grid) -> TokenGrid:
        """Tokens of features (B, C, k, j, i), each covering stride voxels a side of grid.

        Raises ValueError if the features do not cover the grid.
        """
        k, j, i = (int(size) for size in features.shape[2:])
        if (k * stride, j * stride, i * stride) != grid.shape_kji:
            raise ValueError(f"features of shape {(k, j, i)} and stride {stride} do not cover {grid.shape_kji}")
        centres = [(np.arange(size) + 0.5) * stride - 0.5 for size in (k, j, i)]
        at_k, at_j, at_i = np.meshgrid(*centres, indexing="ij")
        positions = grid.ras_of(np.stack([at_i, at_j, at_k], axis=-1).reshape(-1, 3))
        tokens = features.flatten(2).transpose(1, 2)
        return cls(tokens, torch.from_numpy(positions).to(features.device, torch.float32), (k, j, i))

    def as_map(self) -> Tensor:
        """The tokens as a feature map (B, C, k, j, i)."""
        return self.tokens.transpose(1, 2).reshape(self.tokens.shape[0], -1, *self.shape_kji)
