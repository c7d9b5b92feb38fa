"""Results as segmentation nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import slicer

from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..volumes.errors import VolumeError
from ..volumes.segments import Segment
from ..volumes.volume import Volume
from .hierarchy import place_beside
from .node_errors import errors_naming_node
from .node_grid import local_ijk_to_ras, voxels_of
from .scene_step import enable_undo, new_node, one_step
from .segment_building import empty, segmentation_of
from .translation import tr as _


def segmentation_from_result(volume_node: Any, result: SegmentationResult, into: Any = None, name: str = "") -> Any:
    """The labels of a result beside the volume they belong to; see segmentation_from_labels."""
    return segmentation_from_labels(volume_node, result.labels, result.segments, into, name)


def segmentation_from_labels(
    volume_node: Any, labels: Volume, segments: Sequence[Segment], into: Any = None, name: str = ""
) -> Any:
    """Show labels of a volume node as a vtkMRMLSegmentationNode with names, colours and terminology.

    The labels belong to the voxels of the volume node: they lie below the same parent transform, also
    if it was changed while the labels were computed. The node refers to the volume as its reference
    image and is listed beside it. It is one step of undo, complete or not at all.

    Args:
        volume_node: the volume that was segmented, in its scene.
        labels: label values (KJI) on the voxels of volume_node; segments that do not occur stay, empty.
        segments: what the label values stand for.
        into: a segmentation node that the user chose; its segments are replaced. None makes a new node.
        name: the name of a new node; without one, that of the volume and "segmentation".

    Raises VolumeError, leaving the scene as it was, if the volume has left the scene or changed shape.
    """
    with errors_naming_node(volume_node):
        scene = _scene_of(volume_node, labels, into)
        segmentation = segmentation_of(labels.array_kji, segments, local_ijk_to_ras(volume_node))
    if into is not None:
        segmentation.CopyConversionParameters(into.GetSegmentation())
        enable_undo(scene, into)
        replaced = into.GetSegmentation()
        with one_step(scene):
            with _taken_back_on_failure(into):
                # Emptying the old vtkSegmentation would clear its voxels once for every segment.
                into.SetAndObserveSegmentation(segmentation)
                _attach(into, volume_node)
            # Without the ID of a segment it means all of them: the desktop lists the new ones below the node.
            into.InvokeEvent(slicer.vtkSegmentation.SegmentModified)
        if not scene.GetUndoFlag():
            empty(replaced)
        return into
    of_volume = _("{volume} segmentation").format(volume=volume_node.GetName())
    node = new_node(scene, "vtkMRMLSegmentationNode", name or of_volume)
    node.SetAndObserveSegmentation(segmentation)
    with one_step(scene):
        scene.AddNode(node)
        _attach(node, volume_node)
    return node


def _scene_of(volume_node: Any, labels: Volume, into: Any) -> Any:
    scene = volume_node.GetScene()
    if scene is None:
        raise VolumeError(
            _("the volume is no longer in the scene"), next_step=_("load it again and repeat the segmentation")
        )
    if into is not None and into.GetScene() is not scene:
        raise VolumeError(_("the chosen segmentation is no longer in the scene"), next_step=_("choose another one"))
    found = voxels_of(volume_node).GetDimensions()
    if tuple(found) != labels.grid.shape_ijk:
        told = _("the volume has {found} voxels but was segmented with {expected}")
        shapes = {"found": "x".join(map(str, found)), "expected": "x".join(map(str, labels.grid.shape_ijk))}
        raise VolumeError(told.format(**shapes), next_step=_("repeat the segmentation"))
    return scene


def _attach(node: Any, volume_node: Any) -> None:
    """Give a segmentation node in the scene a display, its place, its reference image and its item."""
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
        enable_undo(node.GetScene(), node.GetDisplayNode())
    node.SetAndObserveTransformNodeID(volume_node.GetTransformNodeID())
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    place_beside(node, volume_node)


@contextmanager
def _taken_back_on_failure(node: Any) -> Iterator[None]:
    """Give a segmentation node its segments, place and reference back if anything fails."""
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    reference, transform = node.GetNodeReferenceID(role), node.GetTransformNodeID()
    segmentation = node.GetSegmentation()
    modifying = node.StartModify()
    try:
        yield
    except BaseException:
        node.SetAndObserveTransformNodeID(transform)
        node.SetNodeReferenceID(role, reference)
        node.SetAndObserveSegmentation(segmentation)
        raise
    finally:
        node.EndModify(modifying)
