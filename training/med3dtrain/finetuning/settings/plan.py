"""What of the plan is decided by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True)
class PlanSettings:
    """What is decided by hand; the fingerprint decides what is None.

    voxels is how many of them a patch may have, and batch_voxels a batch: what memory and patience allow. With
    mirrored_average a volume is segmented by the mean of its scores and of those of its mirror image, which takes
    twice the time, and classified by the mean over all mirror images along the axes of augmentation.flips, which
    takes up to eight times the time.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    spacing_ijk_mm: tuple[float, float, float] | None = None
    patch_kji: tuple[int, int, int] | None = None
    batch: int | None = None
    levels: int | None = None
    voxels: int = 128**3
    batch_voxels: int = 2 * 128**3
    mirrored_average: bool = False

    def __post_init__(self) -> None:
        if not all(size > 0 for size in self.spacing_ijk_mm or ()):
            raise ValueError("spacing_ijk_mm is positive")
        decided = [number for number in (*(self.patch_kji or ()), self.batch, self.levels) if number is not None]
        if min(*decided, self.voxels, self.batch_voxels) < 1:
            raise ValueError("patch_kji, batch, levels, voxels and batch_voxels are at least 1")
