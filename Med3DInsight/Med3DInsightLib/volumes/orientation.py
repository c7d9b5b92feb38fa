"""Turning a grid so that its axes point in chosen anatomical directions, without interpolation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import VolumeError
from .grid import Grid
from .volume import Volume

_AXIS_OF_CODE = {"R": 0, "L": 0, "A": 1, "P": 1, "S": 2, "I": 2}

ALL_AXIS_CODES = tuple("".join(signs) for axes in permutations(("RL", "AP", "SI")) for signs in product(*axes))
"""The 48 possible orders and directions of three axes."""


@dataclass(frozen=True)
class Reorientation:
    """A permutation and flips of the axes of a grid, with its exact inverse.

    Nothing is interpolated: apply() and undo() move voxels, so labels, scores and feature maps
    survive the round trip to the bit. Arrays may have leading axes (channels) before K, J, I.

        turn = Reorientation.to(volume.grid, "RAS")
        turned = turn.volume(volume)
        labels_on_input_grid = turn.undo(labels_kji)
    """

    source: Grid
    target: Grid
    order_kji: tuple[int, int, int]
    flips_kji: tuple[bool, bool, bool]

    @classmethod
    def to(cls, grid: Grid, axis_codes: str) -> Reorientation:
        """The reorientation of grid whose axes grow in the directions axis_codes names (I, J, K).

        Raises VolumeError if axis_codes does not name each anatomical axis once.
        """
        if axis_codes not in ALL_AXIS_CODES:
            raise VolumeError(f"'{axis_codes}' is not an orientation such as RAS or LPS")
        current = grid.axis_codes
        order_ijk = tuple(
            next(axis for axis in range(3) if _AXIS_OF_CODE[current[axis]] == _AXIS_OF_CODE[code])
            for code in axis_codes
        )
        flips_ijk = tuple(current[axis] != code for axis, code in zip(order_ijk, axis_codes, strict=True))
        step = np.zeros((4, 4))
        step[3, 3] = 1.0
        for new_axis, (old_axis, flipped) in enumerate(zip(order_ijk, flips_ijk, strict=True)):
            step[old_axis, new_axis] = -1.0 if flipped else 1.0
            step[old_axis, 3] = grid.shape_ijk[old_axis] - 1 if flipped else 0.0
        shape_ijk = [grid.shape_ijk[axis] for axis in order_ijk]
        target = Grid((shape_ijk[2], shape_ijk[1], shape_ijk[0]), grid.ijk_to_ras @ step)
        order = (2 - order_ijk[2], 2 - order_ijk[1], 2 - order_ijk[0])
        return cls(grid, target, order, (flips_ijk[2], flips_ijk[1], flips_ijk[0]))

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """A view of array, shape (..., K, J, I), in the target orientation."""
        lead = array.ndim - 3
        turned = array.transpose(*range(lead), *(lead + axis for axis in self.order_kji))
        return np.flip(turned, self._flipped_axes(lead))

    def undo(self, array: NDArray[Any]) -> NDArray[Any]:
        """The exact inverse of apply()."""
        lead = array.ndim - 3
        turned = np.flip(array, self._flipped_axes(lead))
        inverse = np.argsort(self.order_kji)
        return turned.transpose(*range(lead), *(lead + int(axis) for axis in inverse))

    def volume(self, volume: Volume) -> Volume:
        """The volume in the target orientation; every voxel keeps its RAS position."""
        return Volume(self.apply(volume.array_kji), self.target, volume.modality)

    def _flipped_axes(self, lead: int) -> tuple[int, ...]:
        return tuple(lead + axis for axis, flipped in enumerate(self.flips_kji) if flipped)
