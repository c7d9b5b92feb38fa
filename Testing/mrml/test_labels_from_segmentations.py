"""Labels come back out of segmentation nodes as they went in, or the node is refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from Testing.unit.volumes.strategies import grids

from Med3DInsightLib.volumes import Grid, Segment, Volume, VolumeError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation  # noqa: E402
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node  # noqa: E402

from .scenes import (  # noqa: E402
    GREY,
    LESION,
    TISSUE,
    WHITE,
    new_scene,
    put_under,
    rigid_transforms,
    terminology_of,
)


@settings(max_examples=50)
@given(grids(), rigid_transforms(), st.integers(0, 2**32 - 1))
def test_labels_come_back_as_they_went_in(grid, transform, seed):
    scene = new_scene()
    head = node_from_volume(scene, Volume(np.zeros(grid.shape_kji, np.int16), grid), "head")
    put_under(head, transform)
    array = np.random.default_rng(seed).integers(0, 3, grid.shape_kji).astype(np.uint8)
    node = segmentation_from_labels(head, Volume(array, grid), [GREY, WHITE])
    labels, names = labels_from_segmentation(node, head)
    assert names == ("grey matter", "white matter")
    assert np.array_equal(labels.array_kji, array)
    assert labels.grid.matches(volume_from_node(head).grid)


def test_a_saved_scene_gives_the_same_labels_again(a_scene, a_head, labels, tmp_path):
    put_under(a_head, np.diag([-1.0, -1.0, 1.0, 1.0]))
    node = segmentation_from_labels(a_head, labels, [GREY, WHITE, LESION])
    for stored, suffix in ((a_head, ".nrrd"), (node, ".seg.nrrd")):
        stored.AddDefaultStorageNode()
        stored.GetStorageNode().SetFileName(str(tmp_path / f"{stored.GetName()}{suffix}"))
        assert stored.GetStorageNode().WriteData(stored)
    a_scene.SetURL(str(tmp_path / "scene.mrml"))
    assert a_scene.Commit()

    again = slicer.vtkMRMLScene()
    logic, application = slicer.vtkSlicerSegmentationsModuleLogic(), slicer.vtkSlicerApplicationLogic()
    application.SetMRMLScene(again)
    logic.SetMRMLApplicationLogic(application)
    logic.SetMRMLScene(again)
    again.SetURL(str(tmp_path / "scene.mrml"))
    assert again.Connect()
    head = again.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    segmentation = again.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    found, names = labels_from_segmentation(segmentation, head)
    assert names == ("grey matter", "white matter", "lesion")
    assert np.array_equal(found.array_kji, labels.array_kji)
    assert found.grid.matches(volume_from_node(a_head).grid)
    assert terminology_of(segmentation.GetSegmentation().GetSegment("Segment_7")) == LESION.terminology_entry
    assert segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()) is head


def test_segments_of_a_finer_grid_are_brought_to_that_of_the_volume(a_scene):
    """A 40 mm cube, drawn at 1 mm under a transform, seen at 2 mm."""
    fine, coarse = Grid((60, 60, 60), np.eye(4)), np.diag([2.0, 2.0, 2.0, 1.0])
    coarse[:3, 3] = 0.5
    drawn_on = node_from_volume(a_scene, Volume(np.zeros(fine.shape_kji, np.uint8), fine), "fine")
    shift = np.eye(4)
    shift[:3, 3] = 4.0, 0.0, 0.0
    put_under(drawn_on, shift)
    cube = np.zeros(fine.shape_kji, np.uint8)
    cube[10:50, 10:50, 10:50] = 7
    node = segmentation_from_labels(drawn_on, Volume(cube, fine), [LESION])
    seen_on = node_from_volume(a_scene, Volume(np.zeros((32, 32, 32), np.uint8), Grid((32, 32, 32), coarse)), "coarse")
    expected = np.zeros((32, 32, 32), bool)
    expected[5:25, 5:25, 7:27] = True
    labels, _ = labels_from_segmentation(node, seen_on)
    assert np.array_equal(labels.array_kji == 1, expected)


def test_more_segments_than_a_byte_can_count_are_kept_apart(a_scene):
    grid = Grid((3, 10, 10), np.eye(4))
    array = np.arange(300).reshape(grid.shape_kji)
    segments = [Segment(n, f"structure {n}", (n % 256, 0, 0), TISSUE, TISSUE) for n in range(1, 300)]
    head = node_from_volume(a_scene, Volume(array.astype(np.int16), grid), "head")
    node = segmentation_from_labels(head, Volume(array, grid), segments)
    labels, names = labels_from_segmentation(node, head)
    assert len(names) == 299
    assert np.array_equal(labels.array_kji, array)


def test_a_segmentation_without_segments_is_refused_by_name(a_scene, a_head):
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "empty")
    with pytest.raises(VolumeError, match=r"'empty': the segmentation has no segments. Choose another"):
        labels_from_segmentation(node, a_head)


def test_a_segmentation_of_surfaces_is_refused_with_a_way_out(a_scene, a_head):
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "surfaces")
    node.SetSourceRepresentationToClosedSurface()
    sphere = vtk.vtkSphereSource()
    sphere.Update()
    node.AddSegmentFromClosedSurfaceRepresentation(sphere.GetOutput(), "ball", [1, 0, 0])
    with pytest.raises(VolumeError, match=r"'surfaces': .* Create it in the module Segmentations"):
        labels_from_segmentation(node, a_head)
