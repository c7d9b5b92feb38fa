"""What the tests of MRML nodes share: scenes, transforms, segments, and what a node says about itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from Med3DInsightLib.mrml.images import matrix_of
from Med3DInsightLib.volumes import Code, Segment

TISSUE = Code("85756007", "Tissue")
GREY = Segment(1, "grey matter", (200, 200, 235), TISSUE, Code("389081007", "Gray matter"))
WHITE = Segment(2, "white matter", (250, 250, 225), TISSUE, Code("389080008", "White matter"))
LESION = Segment(7, "lesion", (255, 0, 10), TISSUE, Code("52988006", "Lesion"))


def new_scene() -> Any:
    """A scene with a subject hierarchy."""
    scene = slicer.vtkMRMLScene()
    slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
    return scene


@st.composite
def rigid_transforms(draw: st.DrawFn) -> np.ndarray:
    """A rotation about three axes and a translation of up to 200 mm, as a 4x4 array in RAS."""
    affine = np.eye(4)
    angles = [draw(st.floats(-180.0, 180.0)) for _ in range(3)]
    affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    affine[:3, 3] = [draw(st.floats(-200.0, 200.0)) for _ in range(3)]
    return affine


def put_under(node: Any, *affines: np.ndarray) -> Any:
    """Put a node under linear transforms (4x4, RAS mm), the first one closest to it; returns the outermost."""
    below = node
    for affine in affines:
        transform = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
        transform.SetMatrixTransformToParent(matrix_of(affine))
        below.SetAndObserveTransformNodeID(transform.GetID())
        below = transform
    return below


def nodes_of(scene: Any) -> list[str]:
    """The identifiers of all nodes, to see that none was added or removed."""
    return [scene.GetNthNode(n).GetID() for n in range(scene.GetNumberOfNodes())]


def names_of(segmentation_node: Any) -> list[str]:
    """The names of the segments."""
    segmentation = segmentation_node.GetSegmentation()
    return [segmentation.GetNthSegment(n).GetName() for n in range(segmentation.GetNumberOfSegments())]


def terminology_of(segment: Any) -> str:
    """The terminology entry of a segment, as text."""
    entry = vtk.reference("")
    assert segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), entry)
    return str(entry)


def reference_geometry_of(segmentation_node: Any) -> str:
    """The geometry of a segmentation as 3D Slicer writes it."""
    parameter = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    return segmentation_node.GetSegmentation().GetConversionParameter(parameter)


def hierarchy_of(scene: Any) -> Any:
    """The subject hierarchy of a scene."""
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
