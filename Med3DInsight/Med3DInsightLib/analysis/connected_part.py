"""Labels that hang together."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

Labels = NDArray[np.uint8] | NDArray[np.uint16]


def largest_connected_part(labels_kji: Labels) -> Labels:
    """Labels (K, J, I) without what does not touch the largest connected part of all labels together.

    Voxels touch by their faces. An organ is one piece: what a network finds elsewhere is something that looks like it.
    """
    places = np.nonzero(labels_kji)
    if places[0].size == 0:
        return labels_kji
    box = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in places)
    within = labels_kji[box]
    found = sitk.ConnectedComponent(sitk.GetImageFromArray((within != 0).astype(np.uint8)), False)
    parts = sitk.GetArrayViewFromImage(found)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    kept = np.zeros_like(labels_kji)
    kept[box] = np.where(parts == sizes.argmax(), within, 0)
    return kept
