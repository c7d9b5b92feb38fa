"""3D Slicer's own MRML reads our segmentations with names, colours, terminology and place."""

from __future__ import annotations

import numpy as np
import pytest

from Med3DInsightLib.volumes import Grid, Volume, write_segmentation, write_volume
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES, Reorientation

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
numpy_support = pytest.importorskip("vtk.util.numpy_support")


@pytest.fixture
def a_scene():
    scene = slicer.vtkMRMLScene()
    yield scene
    scene.Clear(True)


@pytest.fixture
def labels(a_volume):
    array = np.zeros(a_volume.grid.shape_kji, np.uint8)
    array[3:9, 5:12, 6:20] = 1
    array[10:14, 2:5, 1:4] = 2
    return a_volume.with_array(array)


def load_node(scene, path, node_class, storage_class):
    storage = scene.AddNewNodeByClass(storage_class)
    node = scene.AddNewNodeByClass(node_class)
    storage.SetFileName(str(path))
    assert storage.ReadData(node)
    return node


def load_segmentation(scene, path):
    return load_node(scene, path, "vtkMRMLSegmentationNode", "vtkMRMLSegmentationStorageNode")


def load_volume(scene, path):
    return load_node(scene, path, "vtkMRMLScalarVolumeNode", "vtkMRMLVolumeArchetypeStorageNode")


def ras_centre_and_ml(segmentation_node, segment_id):
    """Centre of mass in RAS mm and volume in ml of a segment, from Slicer's own label map."""
    labelmap = slicer.vtkOrientedImageData()
    assert segmentation_node.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    extent = labelmap.GetExtent()
    shape = (extent[5] - extent[4] + 1, extent[3] - extent[2] + 1, extent[1] - extent[0] + 1)
    scalars = numpy_support.vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(shape)
    matrix = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    affine = np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
    kji = np.argwhere(scalars > 0) + np.array([extent[4], extent[2], extent[0]])
    centre = affine[:3, :3] @ kji.mean(0)[::-1] + affine[:3, 3]
    return centre, len(kji) * abs(np.linalg.det(affine[:3, :3])) / 1000


def test_names_colours_and_terminology_arrive(a_scene, labels, a_card, tmp_path):
    path = tmp_path / "labels.seg.nrrd"
    write_segmentation(labels, a_card.segments, path)
    segmentation = load_segmentation(a_scene, path).GetSegmentation()
    assert segmentation.GetNumberOfSegments() == 2
    for index, expected in enumerate(a_card.segments):
        segment = segmentation.GetNthSegment(index)
        assert segment.GetName() == expected.name
        assert np.allclose(np.array(segment.GetColor()) * 255, expected.color_rgb, atol=0.6)
        assert segment.GetLabelValue() == expected.label_value
        entry = vtk.reference("")
        assert segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), entry)
        assert f"SCT^{expected.type.value}^{expected.type.meaning}" in str(entry)


@pytest.mark.parametrize("codes", [ALL_AXIS_CODES[n] for n in range(0, 48, 5)])
def test_segments_are_where_the_labels_are(a_scene, labels, a_card, tmp_path, codes):
    turned = Reorientation.to(labels.grid, codes).volume(labels)
    write_segmentation(turned, a_card.segments, tmp_path / "labels.seg.nrrd")
    node = load_segmentation(a_scene, tmp_path / "labels.seg.nrrd")
    for index, segment in enumerate(a_card.segments):
        centre, ml = ras_centre_and_ml(node, node.GetSegmentation().GetNthSegmentID(index))
        voxels = np.argwhere(labels.array_kji == segment.label_value)
        assert np.allclose(centre, labels.grid.ras_of(voxels.mean(0)[::-1]), atol=1e-2)
        assert ml == pytest.approx(len(voxels) * labels.grid.voxel_volume_ml, rel=1e-4)


def test_an_empty_segment_is_kept(a_scene, labels, a_card, tmp_path):
    only_first = labels.map(lambda array: np.where(array == 1, array, 0))
    write_segmentation(only_first, a_card.segments, tmp_path / "labels.seg.nrrd")
    names = load_segmentation(a_scene, tmp_path / "labels.seg.nrrd").GetSegmentation()
    assert [names.GetNthSegment(n).GetName() for n in range(2)] == ["grey matter", "white matter"]


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd"])
def test_slicer_and_we_agree_where_a_volume_is(a_scene, a_volume, tmp_path, suffix):
    write_volume(a_volume, tmp_path / f"v{suffix}")
    node = load_volume(a_scene, tmp_path / f"v{suffix}")
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    found = np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
    assert np.allclose(found, a_volume.grid.ijk_to_ras, atol=1e-4)


def test_a_one_slice_segmentation_is_read(a_scene, a_card, tmp_path):
    array = np.zeros((1, 8, 9), np.uint8)
    array[0, 2:4, 3:6] = 2
    write_segmentation(Volume(array, Grid((1, 8, 9), np.eye(4))), a_card.segments, tmp_path / "labels.seg.nrrd")
    node = load_segmentation(a_scene, tmp_path / "labels.seg.nrrd")
    centre, _ = ras_centre_and_ml(node, node.GetSegmentation().GetNthSegmentID(1))
    assert np.allclose(centre, [4.0, 2.5, 0.0], atol=1e-3)
