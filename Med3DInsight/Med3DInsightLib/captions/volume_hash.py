"""What a volume holds, as a name that no copy, renaming or change of file format alters."""

from __future__ import annotations

import hashlib

import numpy as np

from ..volumes import Volume

_STEP_MM = 1e-3
# Where a step ends, chosen away from the round numbers that headers hold: the rounding of another
# reader must not move an entry into the next step.
_STEP_BEGINS = 0.3717


def volume_hash(volume: Volume) -> str:
    """SHA-256 of voxels and IJK-to-RAS affine, 64 hexadecimal digits.

    Voxels count by their value, whatever type holds them; the affine counts to a micrometre per voxel. An
    array in another orientation has another hash, because its slices have other numbers.
    """
    digest = hashlib.sha256()
    digest.update(np.array(volume.grid.shape_kji, dtype="<i8").tobytes())
    steps = np.floor(volume.grid.ijk_to_ras[:3] / _STEP_MM + _STEP_BEGINS)
    digest.update(steps.astype("<i8").tobytes())
    for plane in volume.array_kji:
        # The sum turns -0.0, which equals 0.0, into it.
        digest.update(np.ascontiguousarray(plane.astype("<f8") + 0.0).data)
    return digest.hexdigest()
