"""Segmentation nodes become label layers without resampling, wherever their voxels are."""

from __future__ import annotations

import numpy as np
import pytest

from Med3DInsightLib.volumes import Code, Grid, Segment, VolumeError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
from Med3DInsightLib.mrml.images import fill_image, matrix_of  # noqa: E402
from Med3DInsightLib.mrml.label_layers import layers_from_segmentation  # noqa: E402
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node  # noqa: E402

CODE = Code("123037004", "Anatomical Structure")
LIVER, SPLEEN = (Segment(value, name, (9, 9, 9), CODE, CODE) for value, name in ((3, "liver"), (7, "spleen")))


@pytest.fixture
def a_scene():
    scene = slicer.vtkMRMLScene()
    slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
    yield scene
    scene.Clear(True)


@pytest.fixture
def a_volume_node(a_scene, a_volume):
    return node_from_volume(a_scene, a_volume, "trunk")


@pytest.fixture
def labels(a_volume):
    array = np.zeros(a_volume.grid.shape_kji, np.uint8)
    array[3:9, 5:12, 6:20], array[10:14, 2:5, 1:4] = 3, 7
    return a_volume.with_array(array)


def put_under_a_quarter_turn(node):
    transform = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    turn = np.array([[0, -1, 0, 5], [1, 0, 0, 7], [0, 0, 1, -9], [0, 0, 0, 1.0]])
    transform.SetMatrixTransformToParent(matrix_of(turn))
    node.SetAndObserveTransformNodeID(transform.GetID())


def add_segment(node, name, image):
    segment = slicer.vtkSegment()
    segment.SetName(name)
    segment.AddRepresentation("Binary labelmap", image)
    assert node.GetSegmentation().AddSegment(segment, name)


@pytest.mark.parametrize("transformed", [False, True])
def test_segments_that_share_a_label_map_are_one_layer_in_world_ras(a_volume_node, labels, transformed):
    if transformed:
        put_under_a_quarter_turn(a_volume_node)
    (layer,) = layers_from_segmentation(segmentation_from_labels(a_volume_node, labels, [LIVER, SPLEEN]))
    assert layer.names == {3: "liver", 7: "spleen"}
    assert np.array_equal(layer.volume.array_kji, labels.array_kji)
    assert layer.volume.grid.matches(volume_from_node(a_volume_node).grid)


def test_a_label_map_whose_extent_starts_elsewhere_is_where_its_voxels_are(a_scene, labels):
    cut = slicer.vtkOrientedImageData()
    cut.SetExtent(6, 19, 5, 11, 3, 8)  # the liver, in voxels of labels
    cut.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    cut.GetPointData().GetScalars().Fill(1)
    cut.SetImageToWorldMatrix(matrix_of(labels.grid.ijk_to_ras))
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    node.GetSegmentation().SetSourceRepresentationName("Binary labelmap")
    add_segment(node, "liver", cut)
    (layer,) = layers_from_segmentation(node)
    expected = Grid((6, 7, 14), _moved(labels.grid.ijk_to_ras, labels.grid.ras_of([6, 5, 3])))
    assert layer.volume.grid.matches(expected)
    assert layer.volume.array_kji.all()


def _moved(affine, origin_ras_mm):
    moved = affine.copy()
    moved[:3, 3] = origin_ras_mm
    return moved


def test_overlapping_segments_are_layers_of_their_own(a_volume_node, labels):
    node = segmentation_from_labels(a_volume_node, labels, [LIVER, SPLEEN])
    both = slicer.vtkOrientedImageData()
    fill_image(both, (labels.array_kji > 0).astype(np.uint8))
    both.SetImageToWorldMatrix(matrix_of(labels.grid.ijk_to_ras))
    add_segment(node, "both", both)
    layers = layers_from_segmentation(node)
    found = {
        name: int((layer.volume.array_kji == value).sum()) for layer in layers for value, name in layer.names.items()
    }
    liver, spleen = 6 * 7 * 14, 4 * 3 * 3
    assert found == {"liver": liver, "spleen": spleen, "both": liver + spleen}


def test_what_is_returned_is_a_copy(a_volume_node, labels):
    node = segmentation_from_labels(a_volume_node, labels, [LIVER, SPLEEN])
    (layer,) = layers_from_segmentation(node)
    node.GetSegmentation().GetNthSegment(0).GetRepresentation("Binary labelmap").GetPointData().GetScalars().Fill(0)
    assert layer.volume.array_kji.any()


def test_nothing_to_read_is_told(a_scene, a_volume_node):
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "drawn")
    with pytest.raises(VolumeError, match=r"drawn.*has no segments"):
        layers_from_segmentation(node)
    segment = slicer.vtkSegment()
    segment.AddRepresentation("Closed surface", vtk.vtkPolyData())
    node.GetSegmentation().SetSourceRepresentationName("Closed surface")
    node.GetSegmentation().AddSegment(segment, "surface")
    with pytest.raises(VolumeError, match=r"drawn.*no representation 'Binary labelmap'"):
        layers_from_segmentation(node)
