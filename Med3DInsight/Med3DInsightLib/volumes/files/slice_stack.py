"""Whether the slices of a DICOM series are one straight and even stack, which alone a volume can hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import VolumeError

_SPACING_TOLERANCE = 0.02
_DECIMALS_MM = 3
"""Positions that agree in so many decimals are one; no two slices lie closer than a micrometre."""

_SHEAR_MM = 0.5
"""How far a slice may lie beside the straight line through the first: less than a voxel, and twice what comes
of directions that were rounded to three decimals, over half a metre."""

_PARALLEL_DEGREES = 1.0


def require_even_stack(positions: Sequence[str], orientations: Sequence[str]) -> None:
    """Raise VolumeError if slices repeat, are missing, are not parallel, or lie beside each other.

    Of every slice, in the order of the stack: DICOM texts of its position (0020,0032; LPS mm) and of the directions
    of its rows and columns (0020,0037). Where one of them lacks a text, nothing that needs it is tested.
    """
    if len(positions) < 2 or not all(positions):
        return
    points = _numbers(positions, 3)
    _refuse_repeated_positions(points)
    if all(orientations):
        _refuse_sheared_slices(points, _normals(_numbers(orientations, 6)))
    _refuse_missing_slices(points)


def _refuse_repeated_positions(points: NDArray[np.float64]) -> None:
    # All of them, since readers put slices that repeat into the order in which they were made.
    places = len(np.unique(points.round(_DECIMALS_MM), axis=0))
    if places < len(points):
        where = "at one position" if places == 1 else f"at only {places} positions"
        raise VolumeError(
            f"the series holds several time points, or slices more than once: its {len(points)} slices lie {where}",
            next_step="export one time point as a series of its own",
        )


def _refuse_sheared_slices(points: NDArray[np.float64], normals: NDArray[np.float64]) -> None:
    if np.min(normals @ normals[0]) < np.cos(np.radians(_PARALLEL_DEGREES)):
        raise VolumeError(
            "the slices are not parallel", next_step="choose a series of parallel slices, not a localizer"
        )
    from_first = points - points[0]
    along = from_first @ normals[0]
    beside = np.linalg.norm(from_first - np.outer(along, normals[0]), axis=1)
    worst = int(np.argmax(beside))
    if beside[worst] > _SHEAR_MM:
        angle = np.degrees(np.arctan2(beside[worst], abs(along[worst])))
        raise VolumeError(
            f"the slices are sheared by a tilted gantry ({angle:.1f} degrees)",
            next_step="resample it to a straight grid first, for example by loading it with 3D Slicer's DICOM module"
            " (acquisition geometry regularization: harden the transform, then save the volume)",
        )


def _refuse_missing_slices(points: NDArray[np.float64]) -> None:
    if len(points) < 3:
        return
    gaps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    usual = float(np.median(gaps))
    uneven = np.flatnonzero(np.abs(gaps - usual) > _SPACING_TOLERANCE * usual)
    if uneven.size:
        first = int(uneven[0])
        raise VolumeError(
            f"the slices are not evenly spaced: {gaps[first]:.2f} mm between slices {first + 1} and {first + 2},"
            f" usually {usual:.2f} mm",
            next_step="export the series again with all its slices",
        )


def _normals(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction across each slice, of length 1, from those of its rows and columns."""
    across = np.cross(directions[:, :3], directions[:, 3:])
    normals: NDArray[np.float64] = across / np.linalg.norm(across, axis=1, keepdims=True)
    return normals


def _numbers(texts: Sequence[str], count: int) -> NDArray[np.float64]:
    """The numbers of every text (texts, count)."""
    try:
        return np.array([[float(number) for number in text.split("\\")] for text in texts]).reshape(len(texts), count)
    except ValueError as error:
        raise VolumeError(
            "the place of a slice cannot be read", next_step="export or download the series again"
        ) from error
