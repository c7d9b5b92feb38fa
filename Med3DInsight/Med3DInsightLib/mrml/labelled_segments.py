"""Segmentation nodes as labels on the voxels of a volume, with what the labels stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk

from ..volumes.segments import Code, Segment
from ..volumes.volume import Volume
from .label_arrays import labels_from_segmentation

_NO_CODE = Code("", "", "")


def segmentations_of(volume_node: Any) -> list[Any]:
    """The segmentation nodes of the scene that have segments and whose reference image is a volume node."""
    scene, role = volume_node.GetScene(), slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    nodes = (
        scene.GetNthNodeByClass(n, "vtkMRMLSegmentationNode")
        for n in range(scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"))
    )
    return [
        node
        for node in nodes
        if node.GetNodeReferenceID(role) == volume_node.GetID() and node.GetSegmentation().GetNumberOfSegments()
    ]


def labelled_segments(segmentation_node: Any, volume_node: Any) -> tuple[Volume, tuple[Segment, ...]]:
    """The segments of a node as labels on the grid of a volume node (KJI, world RAS mm), and what they stand for.

    Label values are those of the segments, if no two are the same; else they count from 1. Codes are empty where a
    segment has no terminology. Raises VolumeError as labels_from_segmentation() does.
    """
    labels, _ = labels_from_segmentation(segmentation_node, volume_node)
    segmentation = segmentation_node.GetSegmentation()
    found = [segmentation.GetNthSegment(n) for n in range(segmentation.GetNumberOfSegments())]
    values = [int(segment.GetLabelValue()) for segment in found]
    if len(set(values)) < len(values) or min(values) < 1:
        values = list(range(1, len(found) + 1))
    array = np.array([0, *values], np.uint8 if max(values) < 256 else np.uint16)[labels.array_kji]
    return labels.with_array(array), tuple(map(_segment_of, found, values))


def _segment_of(segment: Any, value: int) -> Segment:
    red, green, blue = (min(255, max(0, round(255 * part))) for part in segment.GetColor())
    return Segment(value, segment.GetName(), (red, green, blue), *_category_and_type(segment))


def _category_and_type(segment: Any) -> tuple[Code, Code]:
    """Of a terminology entry as Slicer writes it: context~category~type~..., codes as scheme^value^meaning."""
    entry = vtk.reference("")
    segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), entry)
    _, category, kind, *_ = [*str(entry).split("~"), "", "", ""]
    return _code(category), _code(kind)


def _code(text: str) -> Code:
    parts = text.split("^")
    return Code(parts[1], parts[2], parts[0]) if len(parts) == 3 else _NO_CODE
