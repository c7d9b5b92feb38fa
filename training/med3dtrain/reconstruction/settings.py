"""Everything about the reconstruction that can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReconstructionForm(StrEnum):
    """What is reconstructed: hidden cubes, or the whole volume that the encoder has seen."""

    MASKED = "masked"
    UNMASKED = "unmasked"


class Filling(StrEnum):
    """What stands where voxels are hidden: a value that is learnt, or the mean of the visible ones."""

    LEARNED = "learned"
    MEAN = "mean"


@dataclass(frozen=True)
class ReconstructionSettings:
    """How volumes are reconstructed.

        ReconstructionSettings()                                        # 60 % of cubes of 16 voxels
        ReconstructionSettings(form=ReconstructionForm.UNMASKED)        # the form of arXiv 2509.09064

    Unmasked reconstruction is trivial for an encoder with fine features: they still hold the volume. It is
    here for comparison. fraction and cube (side in voxels) are of the masked form, as are filling and seed.

    Raises ValueError for a fraction outside (0, 1), a cube without voxels or a negative seed.
    """

    form: ReconstructionForm = ReconstructionForm.MASKED
    fraction: float = 0.6
    cube: int = 16
    filling: Filling = Filling.LEARNED
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.fraction < 1.0:
            raise ValueError(f"the hidden fraction is {self.fraction}, not between 0 and 1")
        if self.cube < 1:
            raise ValueError(f"a cube with a side of {self.cube} voxels hides nothing")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}, which is negative")
