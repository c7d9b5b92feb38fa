"""Heads without their face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...volumes import Grid, Volume
from .windows import is_in_hounsfield_units

_MARGIN_MM = 5.0
_BEHIND_MM = 25.0
_POLE_MM = 6.0
_MIDLINE_MM = 12.0
_ORBITS_MM = 25.0
_STEP_MM = 1.0
_AIR_HU = -1000.0
_RIGHT, _ANTERIOR, _SUPERIOR = 0, 1, 2


def deface(volume: Volume, brain: Volume) -> Volume:
    """The head on the same grid, with its face emptied (air in a CT, the lowest value elsewhere).

        deface(volume, brain_of_ct(volume))

    brain is a mask on any grid, above 0 where the brain is; at least one voxel. See FaceRegion for what is
    emptied and docs/captions.md for what stays recognisable.
    """
    face = FaceRegion.below(brain).voxels_of(volume.grid)
    empty = _AIR_HU if is_in_hounsfield_units(volume) else float(volume.array_kji.min())
    array = volume.array_kji.copy()
    array[face] = empty
    return volume.with_array(array)


@dataclass(frozen=True, eq=False)
class FaceRegion:
    """Where the face is, told from the brain alone (RAS, mm).

        FaceRegion.below(brain).voxels_of(volume.grid)       # (K, J, I), True in the face

    A point is in it if it lies below brow_mm, the level of the frontal pole; more than 25 mm in front of the middle
    of the brain, so that brain stem, cord and ears are out of reach; and if no brain is as far in front and as
    far down as it, by 5 mm each. The edge is the same for all sagittal slices. In the front 25 mm, only what is
    within 12 mm of the mid-sagittal plane counts as brain: it is as low there as anywhere, and masks often leak
    into the orbits beside it. floor_mm is the lowest brain in front of coronal planes, 1 mm apart from
    front_mm backwards.
    """

    behind_mm: float
    brow_mm: float
    front_mm: float
    floor_mm: NDArray[np.float64]

    @classmethod
    def below(cls, brain: Volume) -> FaceRegion:
        """The region for a brain mask; raises ValueError if the mask is empty."""
        points = brain.grid.ras_of(np.argwhere(brain.array_kji > 0)[:, ::-1])
        if not len(points):
            raise ValueError("there is no brain in the mask")
        behind = float(points[:, _ANTERIOR].mean()) + _BEHIND_MM
        points = points[_are_not_orbits(points)]
        anterior, superior = points[:, _ANTERIOR], points[:, _SUPERIOR]
        front = float(anterior.max())
        steps = np.floor((front - anterior) / _STEP_MM).astype(int)
        lowest = np.full(int(steps.max()) + 1, np.inf)
        np.minimum.at(lowest, steps, superior)
        brow = float(np.median(superior[anterior > front - _POLE_MM]))
        return cls(behind, brow, front, np.minimum.accumulate(lowest))

    def voxels_of(self, grid: Grid) -> NDArray[np.bool_]:
        """Which voxels (K, J, I) of a grid are in it."""
        anterior, superior = _coordinates_mm(grid, _ANTERIOR), _coordinates_mm(grid, _SUPERIOR)
        # Brain counts from the front back to the point itself and the margin behind it.
        steps = np.floor((self.front_mm - anterior + _MARGIN_MM) / _STEP_MM).astype(int)
        floor = self.floor_mm[np.clip(steps, 0, len(self.floor_mm) - 1)]
        floor[steps < 0] = np.inf
        is_free = superior + _MARGIN_MM < floor
        return np.asarray((anterior > self.behind_mm) & (superior < self.brow_mm) & is_free)


def _are_not_orbits(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points (RAS, mm) of a brain mask cannot be parts of the eyes and what surrounds them."""
    right, anterior = points[:, _RIGHT], points[:, _ANTERIOR]
    is_midline = np.abs(right - np.median(right)) < _MIDLINE_MM
    front = float(anterior[is_midline].max()) if is_midline.any() else float(anterior.max())
    return np.asarray(is_midline | (anterior < front - _ORBITS_MM))


def _coordinates_mm(grid: Grid, axis: int) -> NDArray[np.float64]:
    """One RAS coordinate of every voxel, (K, J, I)."""
    k, j, i = (np.arange(size, dtype=np.float64) for size in grid.shape_kji)
    along_i, along_j, along_k, start = grid.ijk_to_ras[axis]
    return np.asarray(along_i * i[None, None, :] + along_j * j[None, :, None] + (along_k * k + start)[:, None, None])
