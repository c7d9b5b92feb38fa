"""Segmentation nodes as label layers, as Slicer keeps them."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray

from ..volumes.errors import VolumeError
from ..volumes.grid import Grid
from ..volumes.label_layer import LabelLayer
from ..volumes.volume import Volume
from .images import affine_of, array_of
from .node_errors import errors_naming_node
from .node_grid import parent_to_world, refuse_shear
from .segment_building import LABELMAP
from .translation import tr as _


def layers_from_segmentation(node: Any) -> tuple[LabelLayer, ...]:
    """The label maps of a segmentation node, copied, in world RAS mm, with the names of their segments.

    Nothing is resampled, so it takes no longer than copying; overlapping segments are in several layers.
    Linear parent transforms are composed into the affines.

    Raises VolumeError, naming the node and the next step, if there are no segments, if they are stored
    as surfaces only, or if the node is below a transform that is not linear or shears.
    """
    segmentation = node.GetSegmentation()
    with errors_naming_node(node):
        if segmentation.GetNumberOfSegments() == 0:
            raise VolumeError(_("the segmentation has no segments"), next_step=_("choose another segmentation"))
        if not segmentation.ContainsRepresentation(LABELMAP):
            raise VolumeError(
                _("the segmentation has no representation '{name}'").format(name=LABELMAP),
                next_step=_("create it in the module Segmentations, under Representations"),
            )
        layers = (_layer(node, segmentation, n) for n in range(segmentation.GetNumberOfLayers(LABELMAP)))
        return tuple(layer for layer in layers if layer is not None)


def _layer(node: Any, segmentation: Any, index: int) -> LabelLayer | None:
    """One layer, or None for one that Slicer keeps without voxels, since its segments are empty."""
    image = segmentation.GetLayerDataObject(index, LABELMAP)
    if image.GetNumberOfPoints() == 0:
        return None
    grid = Grid(image.GetDimensions()[::-1], parent_to_world(node) @ _first_voxel_to_ras(image))
    refuse_shear(grid, node)
    segments = [segmentation.GetSegment(name) for name in segmentation.GetSegmentIDsForLayer(index, LABELMAP)]
    names = {int(segment.GetLabelValue()): segment.GetName() for segment in segments}
    return LabelLayer(Volume(array_of(image), grid), names)


def _first_voxel_to_ras(image: Any) -> NDArray[np.float64]:
    """IJK, counted from the first voxel that is there, to RAS in mm: the extent need not start at 0."""
    matrix = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    shift = np.eye(4)
    shift[:3, 3] = image.GetExtent()[::2]
    return affine_of(matrix) @ shift
