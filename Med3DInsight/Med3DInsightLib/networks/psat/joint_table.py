"""The paper's conditioning: a table over planes and slice indices."""

from __future__ import annotations

import torch
from torch import Tensor

from .conditioning import Conditioning
from .slice_batch import PLANE_NUMBERS, SliceBatch

_PLANES = 3


class JointTable(Conditioning):
    """One learned vector, drawn from N(0, 1), for each plane and slice position (arXiv 2509.09064).

    The position is the slice index // slices_per_position, so the default table ends at slice 255. An
    index says nothing about millimetres and depends on the orientation of the array: make places from
    grids of one orientation and similar spacing, such as those of a recipe. What is learned for one
    position tells nothing about its neighbour, and oblique planes have no place; ContinuousConditioning
    has neither limit.

        table = JointTable(width=768)
        table(SliceBatch.of([slices_of(grid, Plane.AXIAL)], [grid]))        # (1, S, 768)
    """

    def __init__(self, width: int, positions: int = 128, slices_per_position: int = 2) -> None:
        super().__init__()
        self.slices_per_position = slices_per_position
        self.table = torch.nn.Parameter(torch.randn(_PLANES, positions, width))

    def forward(self, slices: SliceBatch) -> Tensor:
        """The vector of each slice, (B, S, W).

        Raises ValueError for an oblique plane, or a slice index behind the end of the table.
        """
        if int(slices.planes.max()) not in range(_PLANES):
            named = ", ".join(list(PLANE_NUMBERS)[:_PLANES])
            raise ValueError(f"the joint table knows the planes {named}; use the continuous conditioning")
        positions = slices.indices // self.slices_per_position
        if int(positions.max()) >= self.table.shape[1]:
            last = self.table.shape[1] * self.slices_per_position - 1
            raise ValueError(f"the joint table ends at slice {last}, and slice {int(slices.indices.max())} was asked")
        return self.table[slices.planes, positions]
