"""Where in the patient something speaks for an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...volumes import Grid
from ...volumes.cells import part_covering
from ...volumes.coarse_maps import map_on_grid


@dataclass(frozen=True, eq=False)
class SaliencyMap:
    """Values (k, j, i), float32, on a coarse grid in RAS mm; subject is the class or phrase they are about.

    saliency.on_grid(volume.grid)           # at the voxels of the volume
    """

    subject: str
    values_kji: NDArray[np.float32]
    grid: Grid

    def on_grid(self, target: Grid) -> NDArray[np.float32]:
        """The values at the voxels of target, 0 where the network did not look; see map_on_grid()."""
        return map_on_grid(self.values_kji, self.grid, target)


def saliency_within(subject: str, values_kji: NDArray[np.float32], cells: Grid, volume_grid: Grid) -> SaliencyMap:
    """Values on cells, cropped to what covers the volume."""
    inside = part_covering(cells, volume_grid)
    return SaliencyMap(subject, np.ascontiguousarray(inside.apply(values_kji)), inside.target)
