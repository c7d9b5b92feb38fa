"""Labels that hang together."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

Labels = NDArray[np.uint8] | NDArray[np.uint16]

_BRIDGE_MM = 2.0


def largest_connected_part(labels_kji: Labels, spacing_ijk_mm: NDArray[np.float64]) -> Labels:
    """Labels (K, J, I) without what does not belong to the largest connected part of all labels together.

    Voxels touch by their faces, and bridges of about 2 mm or less do not connect. An organ is one piece: what a network
    finds elsewhere is something that looks like it, and often touches it in a few voxels.
    """
    labelled = labels_kji != 0
    if not labelled.any():
        return labels_kji
    box = tuple(_extent(labelled.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1)))
    within = labels_kji[box]
    radius_ijk = [round(float(0.5 * _BRIDGE_MM / spacing)) for spacing in spacing_ijk_mm]
    kept = np.zeros_like(labels_kji)
    kept[box] = np.where(_largest_part(within != 0, radius_ijk), within, 0)
    return kept


def _extent(is_labelled: NDArray[np.bool_]) -> slice:
    """From the first to the last index that is."""
    indices = np.flatnonzero(is_labelled)
    return slice(int(indices[0]), int(indices[-1]) + 1)


def _largest_part(mask: NDArray[np.bool_], radius_ijk: list[int]) -> NDArray[np.bool_]:
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    core = sitk.BinaryErode(image, radius_ijk, sitk.sitkBall)
    if not any(radius_ijk) or not sitk.GetArrayFromImage(core).any():
        return _largest_component(image)
    part = sitk.GetImageFromArray(_largest_component(core).astype(np.uint8))
    grown = sitk.BinaryDilate(part, [radius + 1 for radius in radius_ijk], sitk.sitkBall)
    return np.asarray(sitk.GetArrayFromImage(grown) != 0)


def _largest_component(image: sitk.Image) -> NDArray[np.bool_]:
    components = sitk.GetArrayFromImage(sitk.ConnectedComponent(image, False))
    sizes = np.bincount(components.ravel())
    sizes[0] = 0
    return np.asarray(components == sizes.argmax())
