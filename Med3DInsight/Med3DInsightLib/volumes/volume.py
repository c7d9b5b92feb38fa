"""A 3D scalar image and where it is in the patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import VolumeError
from .grid import Grid


class Modality(StrEnum):
    """How the image was made; it decides which intensity rule of a recipe applies."""

    CT = "CT"
    MR = "MR"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Volume:
    """A 3D scalar image: an array in KJI order on a grid in RAS mm, and its modality.

        volume = read_volume("t1.nii.gz")
        volume.array_kji.shape        # (189, 233, 197)
        volume.grid.spacing_ijk_mm    # array([1., 1., 1.])

    Raises VolumeError if the array does not fit the grid.
    """

    array_kji: NDArray[Any]
    grid: Grid
    modality: Modality = Modality.UNKNOWN

    def __post_init__(self) -> None:
        if self.array_kji.shape != self.grid.shape_kji:
            raise VolumeError(f"the array has shape {self.array_kji.shape} but its grid {self.grid.shape_kji}")

    def with_array(self, array_kji: NDArray[Any]) -> Volume:
        """The same place and modality with other voxel values, shape (K, J, I)."""
        return Volume(array_kji, self.grid, self.modality)

    def map(self, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Volume:
        """The volume after function was applied to its array; the shape must stay."""
        return self.with_array(function(self.array_kji))


def require_finite(volume: Volume) -> None:
    """Raise VolumeError if a voxel is NaN, infinite, or beyond float32, in which networks compute; it says how many."""
    if not np.issubdtype(volume.array_kji.dtype, np.floating):
        return
    broken = volume.array_kji.size - int(np.isfinite(volume.array_kji).sum())
    if broken:
        raise VolumeError(
            f"{broken} of {volume.array_kji.size} voxels are NaN or infinite",
            next_step="replace them in the tool that wrote the image, or crop the image to its valid part",
        )
    largest = np.finfo(np.float32).max
    beyond = int((volume.array_kji > largest).sum() + (volume.array_kji < -largest).sum())
    if beyond:
        raise VolumeError(
            f"{beyond} of {volume.array_kji.size} voxels are beyond {largest:.1e}, the largest number of float32",
            next_step="rescale the image, or replace them, in the tool that wrote it",
        )


def require_content(volume: Volume) -> None:
    """Raise VolumeError if all voxels have the same value: whatever a network says then is noise."""
    value = volume.array_kji.flat[0]
    if (volume.array_kji == value).all():
        raise VolumeError(f"every voxel has the value {value:g}", next_step="choose a volume that is not empty")
