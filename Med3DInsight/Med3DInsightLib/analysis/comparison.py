"""How well a segmentation agrees with a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ..volumes import Framing, Segment, Volume

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
    labels: Volume, reference: Volume, segments: Sequence[Segment], tolerance_mm: float = 1.0
) -> list[Agreement]:
    """A row for every segment, in their order; labels and reference share a grid and label values.

    Raises ValueError if the grids differ.
    """
    if not labels.grid.matches(reference.grid):
        raise ValueError("labels and reference are on different grids")
    return [_agreement(labels, reference, segment, tolerance_mm) for segment in segments]


def _agreement(labels: Volume, reference: Volume, segment: Segment, tolerance_mm: float) -> Agreement:
    masks = [volume.array_kji == segment.label_value for volume in (labels, reference)]
    sizes = [int(mask.sum()) for mask in masks]
    if not any(sizes):
        return Agreement(segment.name, None, None, None)
    dice = 2.0 * int((masks[0] & masks[1]).sum()) / sum(sizes)
    if not all(sizes):
        return Agreement(segment.name, dice, None, None)
    # Distances are found in the box around both, with a margin so that its border is no surface.
    either = labels.with_array((masks[0] | masks[1]).astype(np.uint8))
    frame = Framing.to_foreground(either, threshold=0.0, margin_voxel=1)
    surfaces = [_surface(np.pad(frame.apply(mask), 1)) for mask in masks]
    spacing = tuple(float(mm) for mm in labels.grid.spacing_ijk_mm)
    first_to_second = _distances_mm(surfaces[1], spacing)[surfaces[0]]
    second_to_first = _distances_mm(surfaces[0], spacing)[surfaces[1]]
    hausdorff = max(float(np.percentile(far, _PERCENTILE)) for far in (first_to_second, second_to_first))
    near = int((first_to_second <= tolerance_mm).sum() + (second_to_first <= tolerance_mm).sum())
    return Agreement(segment.name, dice, hausdorff, near / (first_to_second.size + second_to_first.size))


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
