"""What is known about a case before anything is learnt from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from Med3DInsightLib.volumes import Modality, Reorientation, Segment, Volume, read_volume
from Med3DInsightLib.volumes.errors import errors_naming
from Med3DInsightLib.volumes.volume import require_content, require_finite

from .truth import read_truth

_PERCENTILES = (0.5, 50.0, 99.5)


@dataclass(frozen=True)
class InspectedCase:
    """A case whose files can be used.

    shape_kji (voxels) and spacing_ijk_mm are those of the image turned to RAS. voxels counts the label values from 1
    on, on the grid of the image. foreground has the .5th, 50th and 99.5th percentile of the intensities of labelled
    voxels, and is empty if there are none. notices tell what a user should know of the case.
    """

    modality: Modality
    shape_kji: tuple[int, int, int]
    spacing_ijk_mm: tuple[float, float, float]
    voxels: dict[int, int]
    foreground: tuple[float, ...]
    notices: tuple[str, ...]

    @classmethod
    def from_json(cls, entries: Any) -> InspectedCase:
        """What as_json() wrote; raises pydantic.ValidationError for anything else."""
        return _ADAPTER.validate_python(entries)

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {**asdict(self), "voxels": {str(value): count for value, count in self.voxels.items()}}


_ADAPTER = TypeAdapter(InspectedCase)


def inspect_case(image: Path, label: Path, modality: Modality | None, segments: list[Segment]) -> InspectedCase:
    """Read image and label map, and look at everything that training relies on.

    Raises VolumeError or DatasetError, naming the file, for a file that cannot be read, an image with NaN or
    nothing in it, an unknown label value, or a label map that does not overlap its image.
    """
    volume = read_volume(image, modality)
    with errors_naming(image):
        require_finite(volume)
        require_content(volume)
    truth = read_truth(label, volume.grid, segments)
    counts = np.bincount(truth.labels.array_kji.ravel(), minlength=len(segments) + 1)
    voxels = {segment.label_value: int(counts[segment.label_value]) for segment in segments}
    foreground = volume.array_kji[truth.labels.array_kji > 0]
    return InspectedCase(
        volume.modality,
        *_turned_size(volume),
        voxels,
        _percentiles(foreground),
        (*truth.notices, *_notices(volume, voxels, segments)),
    )


def inspect_volume(volume: Volume) -> InspectedCase:
    """What is known about a volume without a label map: foreground are all voxels above its minimum."""
    array = volume.array_kji
    return InspectedCase(volume.modality, *_turned_size(volume), {}, _percentiles(array[array > array.min()]), ())


def _turned_size(volume: Volume) -> tuple[tuple[int, int, int], tuple[float, float, float]]:
    """Shape in voxels (KJI) and spacing in mm (IJK) on axes turned to RAS."""
    turned = Reorientation.to(volume.grid, "RAS").target
    i, j, k = (round(float(size), 6) for size in turned.spacing_ijk_mm)
    return turned.shape_kji, (i, j, k)


def _percentiles(intensities: NDArray[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.percentile(intensities, _PERCENTILES)) if intensities.size else ()


def _notices(volume: Volume, voxels: dict[int, int], segments: list[Segment]) -> list[str]:
    if not any(voxels.values()):
        return ["no voxel is labelled"]
    absent = [segment.name for segment in segments if not voxels[segment.label_value]]
    notices = [f"has no {', no '.join(absent)}"] if absent else []
    spacing = np.asarray(volume.grid.spacing_ijk_mm)
    if spacing.max() > 1.01 * spacing.min():
        notices.append("voxels are " + " x ".join(f"{size:.3g}" for size in spacing) + " mm")
    return notices
