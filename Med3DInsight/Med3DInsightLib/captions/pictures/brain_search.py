"""Where the brain is in a head, roughly, without any model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ...volumes import Grid, Interpolation, Volume, resample
from ...volumes.slices import centre_ras_mm, half_extent_mm
from .windows import is_in_hounsfield_units

_STEP_MM = 3.0
_RADII_MM = (4.0, 6.0, 8.0, 11.0)
_CLOSING_MM = 6.0
_CORE_MM = 10.0
_SOFT_HU = (-5.0, 90.0)
_LEAST_CORE_ML = 200.0
_LEAST_ML, _MOST_ML = 500.0, 2300.0
_LEAST_MM, _MOST_MM = np.array([80.0, 110.0, 60.0]), np.array([165.0, 195.0, 175.0])
_LEAST_SHARE = 0.34
_MOST_ABOVE_MM = 45.0
_TOP_PERCENTILE = 99.0

Mask = NDArray[np.bool_]


def brain_of_ct(volume: Volume) -> Volume | None:
    """A mask of the brain (1 or 0) in a CT (HU), on a grid of 3 mm along R, A and S; None if there is none.

    The brain is a piece of soft tissue, -5 to 90 HU, after bridges are cut by an erosion of 4 to 11 mm. Of all
    pieces that are as large and as wide as a brain and near the top of the head, the one is taken that fills
    its box best. Cord, nerves and eyes are not part of it.
    """
    if not is_in_hounsfield_units(volume):
        return None
    coarse = resample(volume, _grid_over(volume.grid), Interpolation.LINEAR)
    tissue = np.asarray((coarse.array_kji >= _SOFT_HU[0]) & (coarse.array_kji <= _SOFT_HU[1]))
    return _best(coarse, tissue)


def brain_of_labels(labels: Volume) -> Volume | None:
    """The same from a label map of the brain, such as a model makes, without what it labels beside the brain.

    Models that have seen few necks take muscles for brain, and bridges lead there: see brain_of_ct().
    """
    coarse = resample(labels.map(lambda array: (array > 0).astype(np.uint8)), _grid_over(labels.grid))
    tissue = np.asarray(coarse.array_kji > 0.5)
    return _best(coarse, tissue)


def _best(coarse: Volume, tissue: Mask) -> Volume | None:
    best, best_share = None, _LEAST_SHARE
    if not tissue.any():
        return None
    top = float(np.percentile(np.flatnonzero(tissue.any(axis=(1, 2))), _TOP_PERCENTILE))
    for radius_mm in _RADII_MM:
        for found in _pieces(tissue, radius_mm):
            share = _share_of_box(found, top)
            if share > best_share:
                best, best_share = coarse.with_array(found.astype(np.uint8)), share
    return best


def distance_mm(mask: Mask, step_mm: float = _STEP_MM) -> NDArray[np.float32]:
    """How far every voxel (K, J, I) is from the nearest one of mask, in mm; infinite if mask is empty."""
    if not mask.any():
        return np.full(mask.shape, np.inf, dtype=np.float32)
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    distances = sitk.GetArrayFromImage(sitk.SignedMaurerDistanceMap(image, False, False, False))
    return np.asarray(np.maximum(distances, 0) * step_mm, dtype=np.float32)


def _pieces(tissue: Mask, radius_mm: float) -> Iterator[Mask]:
    """The large pieces of tissue after an erosion, grown again, without what hangs on them."""
    for core in _large_pieces(distance_mm(~tissue) > radius_mm):
        grown = (distance_mm(core) <= radius_mm + _STEP_MM) & tissue
        closed = distance_mm(distance_mm(grown) > _CLOSING_MM) > _CLOSING_MM
        inner = _largest(distance_mm(~closed) > _CORE_MM)
        yield (distance_mm(inner) <= _CORE_MM + _STEP_MM) & closed


def _large_pieces(mask: Mask) -> Iterator[Mask]:
    pieces, sizes = _labelled(mask)
    for number in range(1, len(sizes)):
        if sizes[number] * _STEP_MM**3 >= 1000 * _LEAST_CORE_ML:
            yield pieces == number


def _largest(mask: Mask) -> Mask:
    pieces, sizes = _labelled(mask)
    return np.asarray(pieces == sizes[1:].argmax() + 1) if len(sizes) > 1 else np.zeros(mask.shape, dtype=bool)


def _labelled(mask: Mask) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The number of the piece of every voxel, from 1, and the sizes by number."""
    pieces = sitk.GetArrayFromImage(sitk.ConnectedComponent(sitk.GetImageFromArray(mask.astype(np.uint8))))
    return pieces, np.bincount(pieces.ravel())


def _share_of_box(mask: Mask, top: float) -> float:
    """How much of its box the mask fills; 0 if it is not like a brain."""
    places_mm = np.argwhere(mask)[:, ::-1] * _STEP_MM
    volume_mm3 = len(places_mm) * _STEP_MM**3
    if not _LEAST_ML <= volume_mm3 / 1000 <= _MOST_ML:
        return 0.0
    if top * _STEP_MM - float(places_mm[:, 2].max()) > _MOST_ABOVE_MM:
        return 0.0  # muscles of the neck can be as large
    size_ras_mm = np.ptp(places_mm, axis=0) + _STEP_MM
    if (size_ras_mm < _LEAST_MM).any() or (size_ras_mm > _MOST_MM).any():
        return 0.0
    return float(volume_mm3 / np.prod(size_ras_mm))


def _grid_over(grid: Grid) -> Grid:
    """A grid along R, A and S with steps of 3 mm over the whole field of view."""
    half = np.array([half_extent_mm(grid, normal) for normal in np.eye(3)])
    shape = np.ceil(2 * half / _STEP_MM).astype(int)
    affine = np.diag([_STEP_MM] * 3 + [1.0])
    affine[:3, 3] = centre_ras_mm(grid) - (shape - 1) / 2 * _STEP_MM
    i, j, k = shape.tolist()
    return Grid((k, j, i), affine)
