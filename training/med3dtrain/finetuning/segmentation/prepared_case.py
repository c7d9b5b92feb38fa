"""Image and label map of a case as the network sees them, on disk."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes import Framing, Interpolation, Segment, resample

from ...datasets.inspection import KnownCase
from ...datasets.prepared_volume import PreparedVolume
from ...datasets.truth import read_truth
from ...datasets.volume_list import ListedVolume
from ...datasets.volume_store import VolumeStore
from ..errors import FineTuningError

_MOST_PLACES = 4096


@dataclass(frozen=True)
class PreparedCase:
    """A prepared image, its labels on the same grid, and where structures are.

        case.read(box)          # image (K, J, I) float32 from 0 to 1, labels (K, J, I) uint16

    places has, for every structure that the case has, up to 4096 of its voxels (N, 3) in KJI, evenly chosen. The
    voxels themselves stay on disk, memory-mapped.
    """

    name: str
    volume: PreparedVolume
    labels: Path
    places: dict[int, NDArray[np.int32]]

    def read(self, box: Framing) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        """Image and labels in a box of the model grid; 0 where the box sticks out.

        Raises FineTuningError or DatasetError if a file was damaged or removed since the run began.
        """
        try:
            labels = np.load(self.labels, mmap_mode="r", allow_pickle=False)
            return self.volume.read(box), box.apply(labels)
        except (OSError, ValueError) as error:
            raise FineTuningError(
                f"the prepared labels of {self.name} cannot be read ({error})",
                self.labels,
                "remove the file and start the run again",
            ) from error


class CaseStore:
    """Prepares cases, and finds what it prepared before.

        store = CaseStore(Path("cache"), VolumeStore(Path("cache"), recipe), segments)
        case = store.get(known)

    Labels are found by the content of both files and by the grid they are on. Of a killed process
    nothing is left that is taken for complete.
    """

    def __init__(self, folder: Path, volumes: VolumeStore, segments: list[Segment]) -> None:
        self._folder = folder
        self._volumes = volumes
        self._segments = segments

    def get(self, known: KnownCase) -> PreparedCase:
        """The prepared case, made now if it is not there; raises UserError if its files cannot be used any more."""
        case, found = known.case, known.found
        volume = self._volumes.get(ListedVolume(case.name, case.image, found.modality))
        grid = volume.model_grid
        told = [known.image_sha256, known.label_sha256, grid.shape_kji, grid.ijk_to_ras.tolist()]
        path = self._folder / f"{hashlib.sha256(repr(told).encode()).hexdigest()[:24]}.labels.npy"
        labels = _found(path, grid.shape_kji)
        if labels is None:
            truth = read_truth(case.label, volume.input_grid, self._segments)
            labels = resample(truth.labels, grid, Interpolation.NEAREST).array_kji.astype(np.uint16)
            stream = io.BytesIO()
            np.save(stream, labels, allow_pickle=False)
            write_whole(path, stream.getvalue())
        return PreparedCase(case.name, volume, path, _places(labels, len(self._segments)))


def _found(path: Path, shape_kji: tuple[int, int, int]) -> NDArray[np.uint16] | None:
    try:
        labels: NDArray[np.uint16] = np.load(path, allow_pickle=False)
    except (OSError, ValueError):
        return None  # absent, or damaged: it is made again
    return labels if labels.shape == shape_kji else None


def _places(labels: NDArray[np.uint16], structures: int) -> dict[int, NDArray[np.int32]]:
    places = {}
    for value in range(1, structures + 1):
        voxels = np.argwhere(labels == value).astype(np.int32)
        if len(voxels):
            places[value] = voxels[:: max(1, len(voxels) // _MOST_PLACES)]
    return places
