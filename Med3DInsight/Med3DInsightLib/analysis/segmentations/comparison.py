"""How well a segmentation agrees with a reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ...volumes import Framing, Interpolation, LabelLayer, Volume, VolumeError, grid_covering, resample
from ..computing.progress import Cancellation, ProgressCallback, ProgressTracker

_PERCENTILE = 95.0
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Agreement:
    """One row of the comparison; distances in mm, None where one side has no such structure.

    dice is 1 for masks that are equal and 0 for disjoint ones. hausdorff95_mm is the larger of the two
    95th percentiles of the distances from one surface to the other. surface_dice is the share of both
    surfaces that lies within the tolerance of the other (Nikolov et al. 2018, arXiv 1809.04430, on
    surface voxels).
    """

    name: str
    dice: float | None
    hausdorff95_mm: float | None
    surface_dice: float | None


def compare(
    segmentation: Sequence[LabelLayer],
    reference: Sequence[LabelLayer],
    tolerance_mm: float = 1.0,
    progress: ProgressCallback | None = None,
    cancel: Cancellation | None = None,
) -> list[Agreement]:
    """A row for every segment that both have under the same name, in the order of the segmentation.

    Names are the same whatever their case. Grids may differ: a structure is compared on the voxels of
    the segmentation, to which the reference is brought (nearest voxel).

    Raises VolumeError if no name occurs in both, AnalysisCancelled between two structures.
    """
    tracker = ProgressTracker({"comparing": 1.0}, progress, cancel)
    wanted = {_key(name): (layer, value) for layer, value, name in _segments(reference)}
    common = [segment for segment in _segments(segmentation) if _key(segment[2]) in wanted]
    rows: list[Agreement] = []
    for layer, value, name in common:
        tracker.report("comparing", len(rows), len(common))
        rows.append(_agreement(name, _mask(layer, value), _mask(*wanted[_key(name)]), tolerance_mm))
    if not rows:
        raise VolumeError(
            f"no segment has the same name in both: {_listed(segmentation)} beside {_listed(reference)}",
            next_step="give segments that mean the same the same name",
        )
    return rows


def _segments(layers: Sequence[LabelLayer]) -> Iterator[tuple[LabelLayer, int, str]]:
    return ((layer, value, name) for layer in layers for value, name in layer.names.items())


def _key(name: str) -> str:
    return name.strip().casefold()


def _listed(layers: Sequence[LabelLayer]) -> str:
    names = [name for _, _, name in _segments(layers)]
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _mask(layer: LabelLayer, value: int) -> Volume | None:
    """The voxels of one segment in the smallest box that holds them, or None if there are none."""
    mask = layer.volume.map(lambda array: (array == value).astype(np.uint8))
    return Framing.to_foreground(mask, threshold=0.0).volume(mask) if mask.array_kji.any() else None


def _agreement(name: str, first: Volume | None, second: Volume | None, tolerance_mm: float) -> Agreement:
    if first is None or second is None:
        return Agreement(name, None if first is second else 0.0, None, None)
    grid = grid_covering(first.grid, second.grid)
    masks = [resample(mask, grid, Interpolation.NEAREST).array_kji.astype(bool) for mask in (first, second)]
    sizes = [int(mask.sum()) for mask in masks]
    dice = 2.0 * int((masks[0] & masks[1]).sum()) / sum(sizes)
    if not all(sizes):  # between the voxels of a coarser grid
        return Agreement(name, dice, None, None)
    surfaces = [_surface(np.pad(mask, 1)) for mask in masks]
    spacing = tuple(float(mm) for mm in grid.spacing_ijk_mm)
    first_to_second = _distances_mm(surfaces[1], spacing)[surfaces[0]]
    second_to_first = _distances_mm(surfaces[0], spacing)[surfaces[1]]
    hausdorff = max(float(np.percentile(far, _PERCENTILE)) for far in (first_to_second, second_to_first))
    near = int((first_to_second <= tolerance_mm).sum() + (second_to_first <= tolerance_mm).sum())
    return Agreement(name, dice, hausdorff, near / (first_to_second.size + second_to_first.size))


def _surface(mask: Mask) -> Mask:
    """The voxels of mask (K, J, I) with a face neighbour outside; mask does not touch the border."""
    inner = mask.copy()
    for axis in range(3):
        for step in (-1, 1):
            inner &= np.roll(mask, step, axis)
    return mask & ~inner


def _distances_mm(surface: Mask, spacing_ijk_mm: tuple[float, ...]) -> NDArray[np.float32]:
    """For every voxel (K, J, I) the distance in mm to the nearest voxel centre of surface."""
    image = sitk.GetImageFromArray(surface.astype(np.uint8))
    image.SetSpacing(spacing_ijk_mm)
    far = sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
    distances: NDArray[np.float32] = np.maximum(sitk.GetArrayFromImage(far), 0.0)
    return distances
