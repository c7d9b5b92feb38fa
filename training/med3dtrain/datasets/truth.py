"""The label map that a segmentation is measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from Med3DInsightLib.volumes import Grid, Interpolation, Segment, Volume, read_volume, resample

from .errors import DatasetError

_LARGEST = 2**16 - 1


@dataclass(frozen=True, eq=False)
class Truth:
    """Label values on the grid of the image (KJI, uint16), and what had to be done to get them there."""

    labels: Volume
    notices: tuple[str, ...]


def read_truth(path: Path, grid: Grid, segments: Sequence[Segment]) -> Truth:
    """The label map in path on the grid of its image, with 0 and the label values of segments only.

    A label map on another grid gets the label of the nearest voxel, with a notice that tells how much of
    what is labelled lies outside the image.

    Raises VolumeError if the file cannot be read, DatasetError for a value that is no segment's, and for
    a label map that does not overlap the image.
    """
    labels = _whole_numbers(read_volume(path), path)
    _refuse_unknown(labels, segments, path)
    if labels.grid.matches(grid):
        return Truth(Volume(labels.array_kji, grid), ())
    return _brought_to(grid, labels, path)


def _whole_numbers(volume: Volume, path: Path) -> Volume:
    array = volume.array_kji
    if not np.issubdtype(array.dtype, np.integer) and (array != np.rint(array)).any():
        raise DatasetError("holds numbers that are not whole", path, "choose a label map, not probabilities")
    if array.min() < 0 or array.max() > _LARGEST:
        raise DatasetError(f"holds values outside 0 to {_LARGEST}", path, "choose a label map")
    return volume.map(lambda voxels: voxels.astype(np.uint16))


def _refuse_unknown(labels: Volume, segments: Sequence[Segment], path: Path) -> None:
    known = {0, *(segment.label_value for segment in segments)}
    unknown = sorted({int(value) for value in np.unique(labels.array_kji)} - known)
    if unknown:
        told = ", ".join(map(str, unknown[:5])) + (", ..." if len(unknown) > 5 else "")
        names = ", ".join(f"{segment.label_value} {segment.name}" for segment in segments)
        plural = "values" if len(unknown) > 1 else "value"
        raise DatasetError(
            f"holds the {plural} {told}, which the model does not know", path, f"use 0 background, {names}"
        )


def _brought_to(grid: Grid, labels: Volume, path: Path) -> Truth:
    covered = resample(labels.map(np.ones_like), grid, Interpolation.NEAREST)
    if not covered.array_kji.any():
        raise DatasetError("does not overlap its image", path, "choose the label map that was drawn on this image")
    brought = resample(labels, grid, Interpolation.NEAREST)
    notice = "the label map is on another grid; every voxel of the image got the label of the nearest one"
    before, after = (_labelled_ml(volume) for volume in (labels, brought))
    return Truth(brought, (f"{notice} ({before:.4g} ml are labelled, {after:.4g} ml in the image)",))


def _labelled_ml(labels: Volume) -> float:
    count: Callable[..., int] = np.count_nonzero
    return count(labels.array_kji) * labels.grid.voxel_volume_ml
