"""The label map of a head that does not exist: one that does, turned, stretched and warped."""

from __future__ import annotations

import numpy as np
import torch

from Med3DInsightLib.volumes import Grid, Reorientation, Volume

from .deformation import DeformationRule, draw_lookup, look_up


def deformed_labels(label_map: Volume, rule: DeformationRule, generator: np.random.Generator) -> Volume:
    """A label map deformed about its middle, RAS oriented, in a cube as wide as its longest side.

    Spacing and the RAS position (mm) of the middle stay; voxels must be cubes. Raises ValueError for a rule that
    mirrors: names of labels say left or right.
    """
    if rule.flip_probability:
        raise ValueError("a mirrored label map would call the left right: flip_probability is 0 here")
    turn = Reorientation.to(label_map.grid, "RAS")
    labels = torch.from_numpy(np.ascontiguousarray(turn.apply(label_map.array_kji)))
    middle_kji = (np.array(labels.shape) - 1) / 2
    size = max(labels.shape)
    lookup = draw_lookup(middle_kji, size, 1.0, rule, generator)
    affine = turn.target.ijk_to_ras.copy()
    affine[:3, 3] = turn.target.ras_of(middle_kji[::-1] - (size - 1) / 2)
    return Volume(look_up(labels, lookup.positions_kji).numpy(), Grid((size,) * 3, affine))
