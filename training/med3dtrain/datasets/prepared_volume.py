"""A volume as the network reads it, on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.volumes import Framing, Grid, Modality

from .errors import DatasetError
from .volume_list import ListedVolume


@dataclass(frozen=True)
class PreparedVolume:
    """Where the voxels of a prepared volume are, and what is known about it.

        volume = store.get(listed)
        volume.read(Framing.box(volume.model_grid, (0, 0, 0), (64, 64, 64)))     # float32 from 0 to 1

    Slices are numbered on input_grid, the grid of the file; voxels are on model_grid, the grid of the
    recipe. Both are in RAS mm and have parallel axes. The object is small: voxels stay in the file, which is
    memory-mapped, so it can be sent to worker processes.
    """

    listed: ListedVolume
    volume_hash: str
    modality: Modality
    input_grid: Grid
    model_grid: Grid
    voxels: Path

    def read(self, box: Framing) -> NDArray[np.float32]:
        """The voxels (K, J, I) in a box of model_grid; 0 where the box sticks out.

        Raises DatasetError if the file was damaged or removed since the run began.
        """
        try:
            array = np.load(self.voxels, mmap_mode="r", allow_pickle=False)
            return box.apply(array).astype(np.float32)
        except (OSError, ValueError) as error:
            raise DatasetError(
                f"the prepared voxels of {self.listed.path} cannot be read ({error})",
                self.voxels,
                "remove the file and start the run again",
            ) from error
