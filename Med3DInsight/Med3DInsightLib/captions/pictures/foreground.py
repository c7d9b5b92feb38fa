"""Where the body is in a volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ...volumes import Volume
from ...volumes.itk_image import image_from_volume
from ...volumes.slices import centre_ras_mm, half_extent_mm
from .windows import is_in_hounsfield_units

_BODY_FROM_HU = -300.0
_MOST_VOXELS = 2_000_000
_ENDS = (2.0, 98.0)
_RIGHT = np.array([1.0, 0.0, 0.0])


def foreground(volume: Volume) -> NDArray[np.bool_]:
    """Which voxels (K, J, I) are body: above -300 HU in a CT, above Otsu's threshold elsewhere.

    Otsu, A threshold selection method from gray-level histograms, 1979. None are if all voxels are equal.
    """
    array = volume.array_kji
    if is_in_hounsfield_units(volume):
        return np.asarray(array > _BODY_FROM_HU)
    if array.min() == array.max():
        return np.zeros(array.shape, dtype=bool)
    otsu = sitk.OtsuThresholdImageFilter()
    otsu.Execute(image_from_volume(volume))
    return np.asarray(array > otsu.GetThreshold())


@dataclass(frozen=True)
class BodyWidth:
    """Between which R coordinates (RAS, mm) the body lies; its middle divides left from right.

        width = BodyWidth.of(volume)
        width.middle_mm          # R coordinate of the mid-sagittal plane, estimated

    The ends leave out 2 % of the body's voxels on either side, so that specks do not count. In a volume
    that shows one side of the body only, the middle is wrong: give what is known instead.
    """

    left_end_mm: float
    right_end_mm: float

    @classmethod
    def of(cls, volume: Volume) -> BodyWidth:
        """Measured on the foreground of the volume; the field of view if there is none."""
        mask = foreground(volume)
        step = max(1, round((mask.size / _MOST_VOXELS) ** (1 / 3)))
        found_kji = np.argwhere(mask[::step, ::step, ::step]) * step
        if not len(found_kji):
            middle, half = centre_ras_mm(volume.grid)[0], half_extent_mm(volume.grid, _RIGHT)
            return cls(float(middle - half), float(middle + half))
        right_mm = volume.grid.ras_of(found_kji[:, ::-1])[:, 0]
        left_end, right_end = (float(end) for end in np.percentile(right_mm, _ENDS))
        return cls(left_end, right_end)

    @property
    def middle_mm(self) -> float:
        """The R coordinate half-way between the ends, in mm."""
        return (self.left_end_mm + self.right_end_mm) / 2

    @property
    def width_mm(self) -> float:
        """The distance between the ends, in mm."""
        return self.right_end_mm - self.left_end_mm
