"""Preprocessing as data: what has to be done to a volume before a network reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .orientation import ALL_AXIS_CODES
from .volume import Modality

DEFAULT_RULE = "default"
"""The key of the intensity rule for modalities that have none of their own."""


class IntensityScale(StrEnum):
    """What low and high of an intensity rule mean."""

    WINDOW = "window"
    """Intensities as they are in the file, such as Hounsfield units."""
    PERCENTILES = "percentiles"
    """Percentiles of the voxels above the volume's minimum, so that a black border does not count."""


@dataclass(frozen=True)
class IntensityRule:
    """Maps low to 0 and high to 1, clipping beyond."""

    scale: IntensityScale
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"the intensity rule needs low < high, not {self.low} and {self.high}")

    def apply(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """The array as float32 between 0 and 1; a constant array becomes 0."""
        low, high = self.low, self.high
        if self.scale == IntensityScale.PERCENTILES:
            minimum = array.min()
            above = array[array > minimum]
            low, high = np.percentile(above, [low, high]) if above.size else (minimum, minimum)
            if low == high:  # only two intensities, as in a mask: keep them apart
                low = minimum
        span = max(float(high - low), 1e-6)
        scaled = (array.astype(np.float32) - np.float32(low)) * np.float32(1.0 / span)
        return np.clip(scaled, 0.0, 1.0, out=scaled)


@dataclass(frozen=True)
class Recipe:
    """Orientation, spacing, intensities and patch size that a network was trained with.

        recipe = Recipe("RAS", (2.0, 2.0, 2.0), {"default": rule}, (80, 80, 80))
        prepared = Preparation.of(volume, recipe)

    orientation names the directions of I, J and K; spacing_ijk_mm the distances along them;
    intensity has one rule per modality ("CT", "MR") or "default"; patch_kji is the window the
    network reads at once, in voxels; antialias blurs before an axis becomes coarser.
    """

    orientation: str
    spacing_ijk_mm: tuple[float, float, float]
    intensity: dict[str, IntensityRule]
    patch_kji: tuple[int, int, int]
    antialias: bool = False

    def __post_init__(self) -> None:
        if self.orientation not in ALL_AXIS_CODES:
            raise ValueError(f"'{self.orientation}' is not an orientation such as RAS or LPS")
        if min(self.spacing_ijk_mm) <= 0 or min(self.patch_kji) < 1:
            raise ValueError("spacing and patch size must be positive")
        if DEFAULT_RULE not in self.intensity:
            raise ValueError(f"intensity needs a '{DEFAULT_RULE}' rule")

    def rule_for(self, modality: Modality) -> IntensityRule:
        """The intensity rule for a modality."""
        return self.intensity.get(modality.value, self.intensity[DEFAULT_RULE])
