"""Which intensities of a slice become black and white."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...volumes import Modality, Volume
from ..window import Window

BRAIN = Window("brain", 0.0, 80.0)
LUNG = Window("lung", -1350.0, 150.0)
SOFT_TISSUE = Window("soft tissue", -160.0, 240.0)
BONE = Window("bone", -500.0, 1300.0)
CT_WINDOWS = (BRAIN, LUNG, SOFT_TISSUE, BONE)
"""In Hounsfield units: width 80 at 40, 1500 at -600, 400 at 40, 1800 at 400, as radiologists set them."""

_BODY_FROM = -300.0
_LUNG = (-950.0, -500.0)
_BRAIN_TISSUE = (0.0, 80.0)
_BONE_FROM = 250.0
_SMALLEST_BODY = 0.02
_LUNG_SHARE, _BONE_SHARE = 0.20, 0.25
_SKULL_SHARE, _BRAIN_SHARE, _IN_SKULL = 0.08, 0.40, 0.60
_AIR_BELOW = -200.0


def ct_window(slice_hu: NDArray[Any]) -> Window:
    """The window for the region that a CT slice (2D, Hounsfield units) shows, by a rule of its intensities.

    The body is what is above -300 HU. A voxel counts as surrounded by others if some of them lie in all
    four directions of the slice, or in three for lungs, which the field of view may cut. In this order:

    1. less than 2 % of the slice is body: soft tissue;
    2. at least 20 % of the body and what it surrounds is lung, -950 to -500 HU surrounded by body: lung;
    3. at least 8 % of the body is bone (above 250 HU), at least 40 % is from 0 to 80 HU, and at least
       60 % of that is surrounded by bone, as the brain is by the skull: brain;
    4. at least 25 % of the body is above 250 HU (bone, or blood full of contrast agent): bone;
    5. everything else: soft tissue.
    """
    count = np.count_nonzero
    body = slice_hu > _BODY_FROM
    if count(body) < _SMALLEST_BODY * body.size:
        return SOFT_TISSUE
    inside = surrounded_by(body, directions=3) | body
    lung = inside & (slice_hu >= _LUNG[0]) & (slice_hu <= _LUNG[1])
    if count(lung) >= _LUNG_SHARE * count(inside):
        return LUNG
    bone = slice_hu > _BONE_FROM
    brain = (slice_hu >= _BRAIN_TISSUE[0]) & (slice_hu <= _BRAIN_TISSUE[1])
    bone_share, brain_share = count(bone) / count(body), count(brain) / count(body)
    if bone_share >= _SKULL_SHARE and brain_share >= _BRAIN_SHARE:
        in_skull = surrounded_by(bone, directions=4)
        if count(in_skull & brain) >= _IN_SKULL * count(brain):
            return BRAIN
    return BONE if bone_share >= _BONE_SHARE else SOFT_TISSUE


def is_in_hounsfield_units(volume: Volume) -> bool:
    """Whether a CT holds Hounsfield units: air, far below 0, is in every CT that was not rescaled."""
    return volume.modality == Modality.CT and float(volume.array_kji.min()) < _AIR_BELOW


def percentile_window(volume: Volume, low: float, high: float) -> Window:
    """The window between two percentiles of the voxels above the minimum, so that a black border does not count."""
    array = volume.array_kji
    minimum = float(array.min())
    above = array[array > minimum]
    bottom, top = (float(value) for value in np.percentile(above, [low, high])) if above.size else (minimum, minimum)
    if not bottom < top:  # only two intensities, as in a mask: keep them apart
        bottom, top = minimum, max(top, minimum + 1.0)
    return Window(f"percentiles {low:g} to {high:g}", bottom, top)


def surrounded_by(mask: NDArray[np.bool_], directions: int) -> NDArray[np.bool_]:
    """Where mask is true somewhere in at least so many of the four directions of the slice, or there itself."""
    found = np.zeros(mask.shape, dtype=np.uint8)
    for axis in (0, 1):
        length = mask.shape[axis]
        place = np.arange(length)[:, None] if axis == 0 else np.arange(length)
        has_any = mask.any(axis)
        # The first and the last of each line decide for all of it; a line without any has them beyond its ends.
        first = np.expand_dims(np.where(has_any, mask.argmax(axis), length), axis)
        last = np.expand_dims(np.where(has_any, length - 1 - np.flip(mask, axis).argmax(axis), -1), axis)
        found += place >= first
        found += place <= last
    return np.asarray(found >= directions)
