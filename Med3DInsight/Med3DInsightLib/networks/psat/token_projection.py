"""From a backbone's features to tokens."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...volumes.grid import Grid
from ...volumes.slices import centre_ras_mm
from ..tokens import TokenGrid
from .position_encoding import PositionEncoding
from .token_memory import TokenMemory


class TokenProjection(nn.Module):
    """Brings the features of one or several levels to one width, and tells where and what they are.

    Every level has its own projection. With more than one, each adds a learned vector to its tokens, so
    that they can be told apart (Zhu et al. 2021, arXiv 2010.04159, section 4.1). With positions, tokens
    know where they are relative to the centre of the field of view.

    Without normalising, features that have the width already are taken as they are: the original
    attends to the 768 channels of nnFormer's bottleneck directly.

        projection = TokenProjection(channels=(384, 768), strides=(16, 32), width=768)
        memory = projection(backbone(x)[-2:], [grid])        # memory.tokens: (1, 512 + 64, 768) for 128^3
    """

    def __init__(
        self,
        channels: Sequence[int],
        strides: Sequence[int],
        width: int,
        normalise: bool = True,
        positions: bool = True,
    ) -> None:
        super().__init__()
        self.strides = tuple(strides)
        self.projections = nn.ModuleList(_projection(count, width, normalise) for count in channels)
        self.level_vectors = nn.Parameter(torch.randn(len(channels), width)) if len(channels) > 1 else None
        self.positions = PositionEncoding(width) if positions else None

    def forward(self, features: Sequence[Tensor], fields_of_view: Sequence[Grid]) -> TokenMemory:
        """The tokens of features (B, C, k, j, i), one tensor a level, seen on fields_of_view (B).

        Raises ValueError if the features do not cover the fields of view.
        """
        levels = []
        for number, (level, stride) in enumerate(zip(features, self.strides, strict=True)):
            tokens = self.projections[number](level.flatten(2).transpose(1, 2))
            if self.level_vectors is not None:
                tokens = tokens + self.level_vectors[number]
            positions = _positions_mm(level, stride, fields_of_view)
            if self.positions is not None:
                tokens = tokens + self.positions(positions)
            levels.append(tokens)
        shapes = tuple((level.shape[2], level.shape[3], level.shape[4]) for level in features)
        return TokenMemory(torch.cat(levels, dim=1), shapes, tuple(fields_of_view))


def _projection(channels: int, width: int, normalise: bool) -> nn.Module:
    if normalise:
        return nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, width))
    return nn.Identity() if channels == width else nn.Linear(channels, width)


def _positions_mm(level: Tensor, stride: int, fields_of_view: Sequence[Grid]) -> Tensor:
    """RAS positions (B, N, 3) of tokens relative to the centre of their field of view, in mm."""
    if len(fields_of_view) != len(level):
        raise ValueError(f"{len(level)} volumes were seen, but {len(fields_of_view)} fields of view given")
    positions = []
    for grid in fields_of_view:
        centre = torch.from_numpy(centre_ras_mm(grid)).to(level.device, torch.float32)
        positions.append(TokenGrid.of_features(level, stride, grid).positions_ras_mm - centre)
    return torch.stack(positions)
