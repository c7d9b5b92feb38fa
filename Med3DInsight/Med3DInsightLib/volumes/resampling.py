"""Interpolation in physical space: other spacings of a grid, and other grids altogether.

Between grids with parallel axes, separable.py is faster.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import SimpleITK as sitk

from .errors import VolumeError
from .grid import Grid
from .itk_image import image_from_volume, volume_from_image
from .volume import Volume

_HALF_WAY = 1e-6  # of a new voxel: rounding errors must not decide
_MOST_VOXELS = 2**31


class Interpolation(StrEnum):
    """How values between voxel centres are found: linear for images, nearest for labels."""

    LINEAR = "linear"
    NEAREST = "nearest"


_ITK_INTERPOLATOR = {Interpolation.LINEAR: sitk.sitkLinear, Interpolation.NEAREST: sitk.sitkNearestNeighbor}


def grid_with_spacing(grid: Grid, spacing_ijk_mm: tuple[float, float, float]) -> Grid:
    """The grid with the same first voxel centre and directions, and other distances in mm.

    It spans the voxel centres of grid to the nearest voxel, so an axis with one voxel keeps one. Where
    grid ends half-way between two new voxels it ends with the first: the second would lie outside, and
    be nearest to no voxel of grid.
    """
    old, new = grid.spacing_ijk_mm, np.array(spacing_ijk_mm, dtype=np.float64)
    steps = (np.array(grid.shape_ijk) - 1) * old / new
    i, j, k = (int(n) + 1 for n in np.ceil(steps - 0.5 - _HALF_WAY))
    affine = grid.ijk_to_ras.copy()
    affine[:3, :3] *= new / old
    return Grid((k, j, i), affine)


def grid_covering(grid: Grid, other: Grid) -> Grid:
    """The grid, extended by whole voxels until every voxel centre of other lies within a voxel of it.

    Raises VolumeError if that takes more than 2**31 voxels, as for grids that are metres apart.
    """
    far = np.array(other.shape_ijk) - 1
    corners = np.array(np.meshgrid(*[(0, end) for end in far])).reshape(3, -1).T
    positions = grid.ijk_of(other.ras_of(corners))
    low = np.minimum(0, np.floor(positions.min(axis=0) + 0.5 + _HALF_WAY))
    high = np.maximum(np.array(grid.shape_ijk) - 1, np.ceil(positions.max(axis=0) - 0.5 - _HALF_WAY))
    if np.prod(high - low + 1) > _MOST_VOXELS:
        raise VolumeError("the structures are too far apart to be compared", next_step="compare images of one patient")
    i, j, k = (int(size) for size in high - low + 1)
    affine = grid.ijk_to_ras.copy()
    affine[:3, 3] = grid.ras_of(low)
    return Grid((k, j, i), affine)


def resample(volume: Volume, grid: Grid, interpolation: Interpolation = Interpolation.LINEAR) -> Volume:
    """The volume on another grid, interpolated in physical space (RAS mm).

    More than half a voxel outside the volume the result is 0. Linear results are float32, nearest
    ones keep their type.
    """
    linear = interpolation == Interpolation.LINEAR
    if volume.grid.matches(grid):
        return volume.map(lambda array: array.astype(np.float32, copy=False)) if linear else volume
    image = image_from_volume(volume)
    if linear:
        image = sitk.Cast(image, sitk.sitkFloat32)
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(image_from_volume(Volume(np.zeros(grid.shape_kji, dtype=np.uint8), grid)))
    resampler.SetInterpolator(_ITK_INTERPOLATOR[interpolation])
    resampler.SetOutputPixelType(image.GetPixelID())
    return Volume(volume_from_image(resampler.Execute(image)).array_kji, grid, volume.modality)
