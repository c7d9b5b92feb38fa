"""What an encoder says about the slices of one plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...volumes import Plane, SlicePlace


@dataclass(frozen=True, eq=False)
class SliceEmbeddings:
    """The slices of one plane of a volume, by index, and their embeddings (S, D), float32 and of length 1."""

    plane: Plane
    places: tuple[SlicePlace, ...]
    embeddings: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SliceReadings:
    """The embeddings of all slices of some planes.

    encoded_windows is how many windows the encoder ran on, none if their features were kept; seconds gives the
    duration of each stage.
    """

    planes: tuple[SliceEmbeddings, ...]
    encoded_windows: int
    device: str
    seconds: dict[str, float]

    def of(self, plane: Plane) -> SliceEmbeddings:
        """The slices of a plane; raises KeyError if it was not read."""
        found = [each for each in self.planes if each.plane == plane]
        if not found:
            raise KeyError(plane)
        return found[0]
