"""Where the voxels of a volume are in the patient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import VolumeError

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Turns RAS positions (NIfTI, Slicer) into LPS positions (DICOM, ITK) and back: it is its own inverse."""

_POSITIVE_CODES = "RAS"
_NEGATIVE_CODES = "LPI"
_PERPENDICULAR = 1e-3


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular grid of voxels: its shape in KJI order and its IJK-to-RAS affine in mm.

    Everything that asks "where is this voxel?" asks a grid, so that frames and units are named in
    one place. Arrays are indexed [k, j, i]; the affine acts on column vectors (i, j, k, 1).

        grid = Grid((30, 256, 256), affine)
        grid.spacing_ijk_mm           # array([0.9, 0.9, 4.0])
        grid.ras_of([[0, 0, 0]])      # the origin, in mm

    Raises VolumeError for an axis of size zero, a non-finite affine, or one that is singular.
    """

    shape_kji: tuple[int, int, int]
    ijk_to_ras: NDArray[np.float64]

    def __post_init__(self) -> None:
        shape = tuple(int(size) for size in self.shape_kji)
        affine = np.array(self.ijk_to_ras, dtype=np.float64)
        if len(shape) != 3 or min(shape) < 1:
            raise VolumeError(f"the grid has shape (K, J, I) = {shape}; three axes of at least one voxel are needed")
        if affine.shape != (4, 4) or not np.isfinite(affine).all():
            raise VolumeError("the affine is not a finite 4x4 matrix", next_step="correct the header of the image")
        _refuse_singular(affine)
        affine.setflags(write=False)
        object.__setattr__(self, "shape_kji", shape)
        object.__setattr__(self, "ijk_to_ras", affine)

    @property
    def shape_ijk(self) -> tuple[int, int, int]:
        """Number of voxels along I, J and K."""
        k, j, i = self.shape_kji
        return i, j, k

    @cached_property
    def spacing_ijk_mm(self) -> NDArray[np.float64]:
        """Distance between neighbouring voxel centres along I, J and K, in mm."""
        return np.asarray(np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0))

    @property
    def directions_ras(self) -> NDArray[np.float64]:
        """Unit vectors of the I, J and K axes as columns, in RAS."""
        return self.ijk_to_ras[:3, :3] / self.spacing_ijk_mm

    @property
    def is_sheared(self) -> bool:
        """Whether the axes are not perpendicular to each other."""
        return bool(np.abs(self.directions_ras.T @ self.directions_ras - np.eye(3)).max() > _PERPENDICULAR)

    @property
    def origin_ras_mm(self) -> NDArray[np.float64]:
        """Centre of voxel (0, 0, 0), in RAS mm."""
        return self.ijk_to_ras[:3, 3]

    @property
    def voxel_volume_ml(self) -> float:
        """Volume of one voxel in millilitres, from the determinant so that oblique grids count right."""
        return float(abs(np.linalg.det(self.ijk_to_ras[:3, :3]))) / 1000.0

    @cached_property
    def axis_codes(self) -> str:
        """The anatomical direction in which I, J and K grow, for example "RAS" or "LIA".

        Every axis gets the RAS axis that it is most parallel to; each RAS axis is used once, so
        that strongly oblique grids still give a permutation.
        """
        codes = [""] * 3
        directions = self.directions_ras.copy()
        for _ in range(3):
            ras_axis, ijk_axis = np.unravel_index(np.nanargmax(np.abs(directions)), (3, 3))
            positive = directions[ras_axis, ijk_axis] > 0
            codes[ijk_axis] = (_POSITIVE_CODES if positive else _NEGATIVE_CODES)[ras_axis]
            directions[ras_axis, :] = np.nan
            directions[:, ijk_axis] = np.nan
        return "".join(codes)

    def ras_of(self, positions_ijk: ArrayLike) -> NDArray[np.float64]:
        """RAS positions in mm, shape (..., 3), of (possibly fractional) IJK positions in voxels."""
        return np.asarray(positions_ijk, dtype=np.float64) @ self.ijk_to_ras[:3, :3].T + self.ijk_to_ras[:3, 3]

    def ijk_of(self, positions_ras_mm: ArrayLike) -> NDArray[np.float64]:
        """Fractional IJK positions in voxels, shape (..., 3), of RAS positions in mm."""
        offsets = np.asarray(positions_ras_mm, dtype=np.float64) - self.ijk_to_ras[:3, 3]
        return offsets @ np.linalg.inv(self.ijk_to_ras[:3, :3]).T

    def matches(self, other: Grid, tolerance_mm: float = 1e-3) -> bool:
        """Whether both grids have the same shape and every voxel centre agrees within tolerance_mm."""
        if self.shape_kji != other.shape_kji:
            return False
        corners = self._corners_ijk
        return bool(np.abs(self.ras_of(corners) - other.ras_of(corners)).max() <= tolerance_mm)

    def voxels_off(self, other: Grid) -> float:
        """How far from its place on this grid the other one puts a voxel at most, in voxels along an axis of this one.

        The shape is that of this grid.
        """
        corners = self._corners_ijk
        return float(np.abs(self.ijk_of(other.ras_of(corners)) - corners).max())

    @property
    def _corners_ijk(self) -> NDArray[np.int64]:
        return np.array(np.meshgrid(*[(0, size - 1) for size in self.shape_ijk])).reshape(3, -1).T


def refuse_shear(grid: Grid) -> None:
    """Raise VolumeError if the axes of a grid are not perpendicular: images of ITK cannot be written so everywhere."""
    if grid.is_sheared:
        raise VolumeError(
            "the axes of the affine are not perpendicular to each other (a shear)",
            next_step="resample the image to a grid without shear",
        )


def _refuse_singular(affine: NDArray[np.float64]) -> None:
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if (spacing == 0).any():
        raise VolumeError("the spacing of an axis is 0 mm", next_step="correct the spacing in the header of the image")
    if abs(np.linalg.det(affine[:3, :3] / spacing)) < 1e-6:
        raise VolumeError(
            "the affine is singular: two axes point in the same direction",
            next_step="correct the orientation in the header of the image",
        )
