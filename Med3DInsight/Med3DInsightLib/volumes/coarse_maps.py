"""Coarse maps, such as attention over tokens, brought to the grid of a volume in physical space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .framing import Framing
from .grid import Grid
from .resampling import resample
from .separable import interpolation_weights
from .volume import Volume

_PARALLEL = 1e-6
_HALF_WAY = 1e-6  # of a cell: rounding must not decide whether a voxel is inside


def map_on_grid(
    values_kji: NDArray[np.float32], source: Grid, target: Grid, border_voxel: int = 0
) -> NDArray[np.float32]:
    """Values (K, J, I) of source at the voxel centres of target, linearly interpolated, as float32.

    The field of view of source ends at the outer faces of its voxels; beyond it the result is 0, and in the
    outer half of its outermost voxels their values are repeated, as resample() does it. With border_voxel they
    are repeated for so many voxels more. Where the axes of
    target are parallel to those of source, in any order and direction, it takes a small matrix an axis;
    elsewhere it is resample().

    Raises ValueError if the values do not fit source.
    """
    if values_kji.shape != source.shape_kji:
        raise ValueError(f"the map has shape {values_kji.shape}, its grid {source.shape_kji}")
    if border_voxel:
        start, size = -border_voxel, [length + 2 * border_voxel for length in source.shape_kji]
        wider = Framing.box(source, (start, start, start), (size[0], size[1], size[2])).target
        return map_on_grid(np.pad(values_kji, border_voxel, mode="edge"), wider, target)
    relative = np.linalg.inv(source.ijk_to_ras) @ target.ijk_to_ras
    axes_ijk = _parallel_axes(relative[:3, :3])
    if axes_ijk is None:
        return resample(Volume(values_kji.astype(np.float32, copy=False), source), target).array_kji
    weights_kji = []
    for target_axis in (2, 1, 0):
        source_axis = axes_ijk[target_axis]
        steps = np.arange(target.shape_ijk[target_axis])
        positions = relative[source_axis, 3] + relative[source_axis, target_axis] * steps
        weights_kji.append(_weights(positions, source.shape_ijk[source_axis]))
    turned = np.transpose(values_kji, [2 - axes_ijk[target_axis] for target_axis in (2, 1, 0)])
    return _multiplied(np.ascontiguousarray(turned, dtype=np.float32), weights_kji)


def _parallel_axes(directions: NDArray[np.float64]) -> list[int] | None:
    """For each axis of the target the axis of the source that it is parallel to; None if one is parallel to none."""
    sizes = np.abs(directions)
    axes = sizes.argmax(axis=0)
    others = sizes.copy()
    others[axes, np.arange(3)] = 0.0
    if sorted(axes) != [0, 1, 2] or (others > _PARALLEL * sizes.max(axis=0)).any():
        return None
    return [int(axis) for axis in axes]


def _weights(positions: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    """The matrix that interpolates size samples at positions; its rows are 0 beyond the faces of the outer ones."""
    weights = interpolation_weights(positions, size)
    weights[(positions < -0.5 - _HALF_WAY) | (positions > size - 0.5 + _HALF_WAY)] = 0.0
    return weights


def _multiplied(values_kji: NDArray[np.float32], weights_kji: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The small axes first: nearly all work is the one large product at the end."""
    along_k, along_j, along_i = weights_kji
    rows = np.matmul(along_j, values_kji @ along_i.T)
    whole: NDArray[np.float32] = along_k @ rows.reshape(len(rows), -1)
    return whole.reshape(len(along_k), len(along_j), len(along_i))
