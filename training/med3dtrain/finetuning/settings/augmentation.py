"""What is varied from patch to patch, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True)
class AugmentationSettings:
    """Probabilities and strengths; 0 turns a change off.

    A patch is rotated by up to `rotation` radians about each axis and scaled by up to a share of `scaling` with the
    probability `spatial`; a share `elastic` of these patches is warped as well, by up to about `elastic_voxel` (twice
    the deviation of a displacement). With soft_labels, what is learnt of a patch that was moved is the share of each
    structure in a voxel, and not the structure of the nearest one; it takes memory for every structure. flips names
    the RAS axes that may be mirrored, such as "R": it is empty by default, because a mirrored left kidney would be
    taught to be one. The others change intensities, from 0 to 1.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    spatial: float = 0.6
    rotation: float = 0.35
    scaling: float = 0.2
    elastic: float = 0.0
    elastic_voxel: float = 3.0
    soft_labels: bool = False
    flips: str = ""
    noise: float = 0.15
    noise_deviation: float = 0.05
    blur: float = 0.15
    blur_voxel: float = 1.0
    brightness: float = 0.3
    contrast: float = 0.3
    low_resolution: float = 0.15

    def __post_init__(self) -> None:
        if set(self.flips) - set("RAS") or len(set(self.flips)) != len(self.flips):
            raise ValueError(f"flips is '{self.flips}', not some of the letters R, A and S")
        if not 0 <= self.elastic <= 1 or not self.elastic_voxel >= 0:
            raise ValueError("elastic is a share, from 0 to 1, and elastic_voxel not negative")
        probabilities = (self.spatial, self.noise, self.blur, self.brightness, self.contrast, self.low_resolution)
        if not all(0 <= probability <= 1 for probability in probabilities):
            raise ValueError("spatial, noise, blur, brightness, contrast and low_resolution are probabilities, 0 to 1")
        if not all(size >= 0 for size in (self.rotation, self.scaling, self.noise_deviation, self.blur_voxel)):
            raise ValueError("rotation, scaling, noise_deviation and blur_voxel are not negative")

    @property
    def flipped_axes_kji(self) -> tuple[int, ...]:
        """The axes of a patch, in RAS, along which it may be mirrored: 0 is K, 1 J, 2 I."""
        return tuple("SAR".index(letter) for letter in self.flips)
