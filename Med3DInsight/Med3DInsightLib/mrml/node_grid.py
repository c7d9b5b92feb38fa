"""Where the voxels of a volume node are in the world of the scene."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray

from ..volumes.errors import VolumeError
from ..volumes.grid import Grid
from .images import affine_of
from .node_errors import errors_naming_node
from .translation import tr as _


def grid_of_node(node: Any) -> Grid:
    """The grid of a volume node: IJK to world RAS in mm, with its linear parent transforms composed.

    Raises VolumeError, naming the node and the next step, if it has no voxels, if a parent transform
    is not linear, or if the composed axes are no longer perpendicular (images of ITK cannot be sheared).
    """
    with errors_naming_node(node):
        i, j, k = voxels_of(node).GetDimensions()
        grid = Grid((k, j, i), parent_to_world(node) @ local_ijk_to_ras(node))
        refuse_shear(grid, node)
        return grid


def voxels_of(node: Any) -> Any:
    """The vtkImageData of a volume node; raises VolumeError if it has none or an empty one."""
    image = node.GetImageData()
    if image is None or image.GetNumberOfPoints() == 0 or image.GetPointData().GetScalars() is None:
        raise VolumeError(_("the volume has no voxels"), next_step=_("load its image, or choose another volume"))
    return image


def local_ijk_to_ras(node: Any) -> NDArray[np.float64]:
    """IJK to the RAS frame below the parent transform of a volume node, in mm."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return affine_of(matrix)


def parent_to_world(node: Any) -> NDArray[np.float64]:
    """The composed parent transforms of a node, RAS to world RAS in mm; raises VolumeError if one is not linear."""
    transform = node.GetParentTransformNode()
    if transform is None:
        return np.eye(4)
    if not transform.IsTransformToWorldLinear():
        told = _("the volume is under a transform that is not linear ('{name}')").format(name=transform.GetName())
        raise VolumeError(
            told, next_step=_("harden the transform on a copy of the volume, which resamples it, and choose the copy")
        )
    matrix = vtk.vtkMatrix4x4()
    transform.GetMatrixTransformToWorld(matrix)
    return affine_of(matrix)


def refuse_shear(grid: Grid, node: Any) -> None:
    """Raise VolumeError if the axes of a grid below the transforms of a node are not perpendicular."""
    if not grid.is_sheared:
        return
    if node.GetParentTransformNode() is None:
        step = _("resample the volume to a grid without shear")
    else:
        step = _("take the volume out of its transform, or resample it under the transform to a grid without shear")
    raise VolumeError(_("the axes of the volume are not perpendicular to each other (a shear)"), next_step=step)
