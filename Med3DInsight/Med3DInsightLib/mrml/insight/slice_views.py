"""Which slice of a volume a slice view shows, and bringing a view to a slice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...volumes.errors import VolumeError
from ...volumes.slices import ANATOMICAL_PLANES, SlicePlace, slice_at, slice_of
from ..images import affine_of
from ..node_grid import grid_of_node

_MOST_TILT_DEG = 20.0


def slice_in_view(volume_node: Any, slice_node: Any) -> SlicePlace | None:
    """The slice of a volume in the middle of a view, from its vtkMRMLSliceNode, in world RAS mm.

    None if the view is tilted by more than 20 degrees against all slices of the volume, or before the first or behind
    the last. Raises VolumeError, naming the node, for a volume without a usable grid.
    """
    grid = grid_of_node(volume_node)
    slice_to_ras = affine_of(slice_node.GetSliceToRAS())
    along = {
        plane: abs(np.dot(slice_of(grid, plane, 0).normal_ras, slice_to_ras[:3, 2])) for plane in ANATOMICAL_PLANES
    }
    plane = max(ANATOMICAL_PLANES, key=lambda each: along[each])
    if along[plane] < math.cos(math.radians(_MOST_TILT_DEG)):
        return None
    try:
        return slice_at(grid, plane, slice_to_ras[:3, 3])
    except VolumeError:  # what slice_at() says of a position beyond the slices
        return None


def jump_to(slice_node: Any, place: SlicePlace) -> None:
    """Bring a view to a slice without shifting it sideways."""
    slice_node.JumpSliceByOffsetting(*place.position_ras_mm)
