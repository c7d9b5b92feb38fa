"""What PSAT remembers of a volume."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from torch import Tensor

from ...volumes.grid import Grid


@dataclass(frozen=True)
class TokenMemory:
    """The tokens of B volumes, ready to be read from any slice; the encoder is not needed again.

    tokens is (B, N, W) and lists the levels finest first, each with I fastest; shapes_kji are the
    shapes of the levels; fields_of_view are the grids (B) that the encoder saw.
    """

    tokens: Tensor
    shapes_kji: tuple[tuple[int, int, int], ...]
    fields_of_view: tuple[Grid, ...]

    def as_maps(self, values: Tensor) -> list[Tensor]:
        """Values of tokens, (..., N), as one map (..., k, j, i) for each level, finest first.

        A map covers the field of view; volumes.coarse_maps.map_on_grid brings it to the input grid.
        """
        parts = values.split([prod(shape) for shape in self.shapes_kji], dim=-1)
        return [part.unflatten(-1, shape) for part, shape in zip(parts, self.shapes_kji, strict=True)]
