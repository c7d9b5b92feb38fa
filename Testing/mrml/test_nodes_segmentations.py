"""Results become segmentation nodes at the right place, with names, colours and terminology."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from Testing.unit.volumes.strategies import grids

from Med3DInsightLib.analysis.segmentations.segmentation_result import SegmentationResult
from Med3DInsightLib.volumes import Grid, Volume, VolumeError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from Med3DInsightLib.mrml.segmentation_nodes import (  # noqa: E402
    segmentation_from_labels,
    segmentation_from_result,
)
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node  # noqa: E402

from .scenes import (  # noqa: E402
    GREY,
    LESION,
    WHITE,
    hierarchy_of,
    names_of,
    new_scene,
    nodes_of,
    put_under,
    reference_geometry_of,
    rigid_transforms,
    terminology_of,
)


@settings(max_examples=50)
@given(grids(), rigid_transforms(), st.data())
def test_a_marker_is_where_its_voxel_is_in_the_world(grid, transform, data):
    k, j, i = (data.draw(st.integers(0, size - 1)) for size in grid.shape_kji)
    scene = new_scene()
    head = node_from_volume(scene, Volume(np.zeros(grid.shape_kji, np.int16), grid), "head")
    put_under(head, transform)
    volume = volume_from_node(head)
    array = np.zeros(grid.shape_kji, np.uint8)
    array[k, j, i] = 1
    node = segmentation_from_labels(head, volume.with_array(array), [GREY, WHITE])
    centre = node.GetSegmentCenterRAS("Segment_1")
    assert np.allclose(centre, volume.grid.ras_of([i, j, k]), atol=1e-3)
    assert np.allclose(centre, transform[:3, :3] @ grid.ras_of([i, j, k]) + transform[:3, 3], atol=1e-3)


def test_names_colours_and_terminology_arrive_and_empty_segments_stay(a_head, labels):
    node = segmentation_from_labels(a_head, labels, [GREY, WHITE, LESION])
    segmentation = node.GetSegmentation()
    assert [segmentation.GetNthSegmentID(n) for n in range(3)] == ["Segment_1", "Segment_2", "Segment_7"]
    for n, expected in enumerate([GREY, WHITE, LESION]):
        segment = segmentation.GetNthSegment(n)
        assert segment.GetName() == expected.name
        assert np.allclose(np.array(segment.GetColor()) * 255, expected.color_rgb, atol=1e-6)
        assert segment.GetLabelValue() == expected.label_value
        assert terminology_of(segment) == expected.terminology_entry
        assert f"SCT^{expected.type.value}^" in terminology_of(segment)
    assert segmentation.GetNumberOfLayers() == 1


def test_the_result_of_a_run_becomes_a_node(a_head, labels):
    result = SegmentationResult(labels, (GREY, WHITE), "cpu", {})
    node = segmentation_from_result(a_head, result, name="head by brain-structures")
    assert node.GetName() == "head by brain-structures"
    assert names_of(node) == ["grey matter", "white matter"]


def test_the_node_refers_to_the_volume_and_has_its_geometry(a_head, labels):
    node = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    role = node.GetReferenceImageGeometryReferenceRole()
    geometry = slicer.vtkOrientedImageData()
    assert node.GetNodeReference(role) is a_head
    assert slicer.vtkSegmentationConverter.DeserializeImageGeometry(reference_geometry_of(node), geometry)
    assert geometry.GetDimensions() == labels.grid.shape_ijk
    assert node.GetDisplayNode() is not None


def test_the_node_is_listed_beside_the_volume(a_scene, a_head, labels):
    hierarchy = hierarchy_of(a_scene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "patient")
    study = hierarchy.CreateStudyItem(patient, "study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(a_head), study)
    node = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == study


@pytest.mark.parametrize("by_the_user", [False, True])
def test_a_chosen_node_is_moved_beside_the_volume_unless_the_user_has_placed_it(a_scene, a_head, labels, by_the_user):
    hierarchy = hierarchy_of(a_scene)
    top = hierarchy.GetSceneItemID()
    study, folder = hierarchy.CreateStudyItem(top, "study"), hierarchy.CreateFolderItem(top, "mine")
    chosen = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "mine")
    hierarchy.CreateItem(folder if by_the_user else top, chosen)
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(a_head), study)
    segmentation_from_labels(a_head, labels, [GREY, WHITE], into=chosen)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(chosen)) == (folder if by_the_user else study)


def test_labels_follow_a_volume_that_was_moved_while_they_were_computed(a_head, labels):
    transform = np.eye(4)
    transform[:3, 3] = 10.0, 20.0, 30.0
    still = segmentation_from_labels(a_head, labels, [GREY, WHITE]).GetSegmentCenterRAS("Segment_1")
    put_under(a_head, transform)
    moved = segmentation_from_labels(a_head, labels, [GREY, WHITE]).GetSegmentCenterRAS("Segment_1")
    assert np.allclose(np.subtract(moved, still), [10.0, 20.0, 30.0], atol=1e-3)


@pytest.mark.parametrize(
    ("segments", "cause"),
    [
        ([GREY], "the labels go from 0 to 2, beyond those of the segments"),
        ([GREY, LESION], "no segment stands for the label 2"),
        ([GREY, WHITE, WHITE], "two segments have the same label value"),
    ],
)
def test_labels_and_segments_that_do_not_match_are_refused(a_scene, a_head, labels, segments, cause):
    before = nodes_of(a_scene)
    with pytest.raises(VolumeError, match=f"'head': {cause}"):
        segmentation_from_labels(a_head, labels, segments)
    assert nodes_of(a_scene) == before


def test_a_volume_that_left_the_scene_is_refused(a_scene, a_head, labels):
    a_scene.RemoveNode(a_head)
    with pytest.raises(VolumeError, match=r"'head': the volume is no longer in the scene. Load it again"):
        segmentation_from_labels(a_head, labels, [GREY, WHITE])


def test_a_volume_of_another_shape_is_refused(a_scene, labels):
    grid = Grid((2, 3, 4), np.eye(4))
    cropped = node_from_volume(a_scene, Volume(np.zeros((2, 3, 4)), grid), "cropped")
    with pytest.raises(VolumeError, match=r"'cropped': the volume has 4x3x2 voxels but was segmented with 26x22x18"):
        segmentation_from_labels(cropped, labels, [GREY, WHITE])
