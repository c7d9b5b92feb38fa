"""Segmentation nodes as labels on the voxels of a volume."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk

from ..volumes.errors import VolumeError
from ..volumes.volume import Volume
from .images import array_of
from .node_errors import errors_naming_node
from .node_grid import grid_of_node
from .segment_building import LABELMAP
from .translation import tr as _


def labels_from_segmentation(segmentation_node: Any, reference_volume_node: Any) -> tuple[Volume, tuple[str, ...]]:
    """The segments of a node as labels on the grid of a volume node (KJI, world RAS mm), and their names.

    The first name stands for label 1, the second for label 2, and so on; where segments overlap, the
    later one counts. Slicer resamples segments of another grid (nearest voxel) and follows the parent
    transforms of both nodes. Nothing in the scene changes.

    Raises VolumeError, naming the node and the next step, if there are no segments, if they are stored
    as surfaces only, or if the volume has no usable grid.
    """
    grid = grid_of_node(reference_volume_node)
    segmentation = segmentation_node.GetSegmentation()
    count = segmentation.GetNumberOfSegments()
    with errors_naming_node(segmentation_node):
        if count == 0:
            raise VolumeError(_("the segmentation has no segments"), next_step=_("choose another segmentation"))
        if not segmentation.ContainsRepresentation(LABELMAP):
            raise VolumeError(
                _("the segmentation has no representation '{name}'").format(name=LABELMAP),
                next_step=_("create it in the module Segmentations, under Representations"),
            )
        merged = _merged_labels(segmentation_node, reference_volume_node, count)
        if merged.GetDimensions() != grid.shape_ijk:
            raise VolumeError(_("Slicer could not bring the segments to the grid of the volume"))
    names = tuple(segmentation.GetNthSegment(n).GetName() for n in range(count))
    labels = array_of(merged).astype(np.uint8 if count < 256 else np.uint16, copy=False)
    return Volume(labels, grid), names


def _merged_labels(segmentation_node: Any, volume_node: Any, count: int) -> Any:
    """A vtkOrientedImageData on the grid of the volume node, with label n + 1 for the nth segment."""
    ids, values = vtk.vtkStringArray(), vtk.vtkIntArray()
    for n in range(count):
        ids.InsertNextValue(segmentation_node.GetSegmentation().GetNthSegmentID(n))
        values.InsertNextValue(n + 1)
    merged = slicer.vtkOrientedImageData()
    slicer.vtkSlicerSegmentationsModuleLogic.GenerateMergedLabelmapInReferenceGeometry(
        segmentation_node, volume_node, ids, slicer.vtkSegmentation.EXTENT_REFERENCE_GEOMETRY, merged, values
    )
    return merged
