"""Results become segmentation nodes at the right place, complete or not at all, and come back as labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from Testing.unit.volumes.strategies import grids

from Med3DInsightLib.analysis.segmentation_result import SegmentationResult
from Med3DInsightLib.volumes import Code, Grid, Segment, Volume, VolumeError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
from Med3DInsightLib.mrml import segmentation_nodes  # noqa: E402
from Med3DInsightLib.mrml.images import matrix_of  # noqa: E402
from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation  # noqa: E402
from Med3DInsightLib.mrml.segmentation_nodes import (  # noqa: E402
    segmentation_from_labels,
    segmentation_from_result,
)
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node  # noqa: E402

TISSUE = Code("85756007", "Tissue")
GREY = Segment(1, "grey matter", (200, 200, 235), TISSUE, Code("389081007", "Gray matter"))
WHITE = Segment(2, "white matter", (250, 250, 225), TISSUE, Code("389080008", "White matter"))
LESION = Segment(7, "lesion", (255, 0, 10), TISSUE, Code("52988006", "Lesion"))


@pytest.fixture(scope="module", autouse=True)
def conversion_rules():
    """In the desktop, the module Segmentations registers them when it starts."""
    factory = slicer.vtkSegmentationConverterFactory.GetInstance()
    factory.RegisterConverterRule(slicer.vtkBinaryLabelmapToClosedSurfaceConversionRule())
    factory.RegisterConverterRule(slicer.vtkClosedSurfaceToBinaryLabelmapConversionRule())


def new_scene():
    scene = slicer.vtkMRMLScene()
    slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
    return scene


@pytest.fixture
def a_scene():
    scene = new_scene()
    yield scene
    scene.Clear(True)


@pytest.fixture
def a_head(a_scene, a_volume):
    return node_from_volume(a_scene, a_volume, "head")


@pytest.fixture
def labels(a_volume):
    array = np.zeros(a_volume.grid.shape_kji, np.uint8)
    array[3:9, 5:12, 6:20] = 1
    array[10:14, 2:5, 1:4] = 2
    return a_volume.with_array(array)


@st.composite
def rigid_transforms(draw):
    """A rotation about three axes and a translation of up to 200 mm, as a 4x4 array in RAS."""
    affine = np.eye(4)
    angles = [draw(st.floats(-180.0, 180.0)) for _ in range(3)]
    affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    affine[:3, 3] = [draw(st.floats(-200.0, 200.0)) for _ in range(3)]
    return affine


def put_under(node, affine):
    transform = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(matrix_of(affine))
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


def nodes_of(scene):
    return [scene.GetNthNode(n).GetID() for n in range(scene.GetNumberOfNodes())]


def names_of(node):
    segmentation = node.GetSegmentation()
    return [segmentation.GetNthSegment(n).GetName() for n in range(segmentation.GetNumberOfSegments())]


def terminology_of(segment):
    entry = vtk.reference("")
    assert segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), entry)
    return str(entry)


def reference_geometry_of(node):
    parameter = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    return node.GetSegmentation().GetConversionParameter(parameter)


def hierarchy_of(scene):
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)


def fail(*_):
    raise RuntimeError("no place")


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
    node = segmentation_from_result(a_head, result, name="head by brain-tissue")
    assert node.GetName() == "head by brain-tissue"
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


def test_a_second_result_overwrites_nothing(a_head, labels):
    first = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    second = segmentation_from_labels(a_head, labels, [GREY, WHITE, LESION])
    assert (first.GetName(), second.GetName()) == ("head segmentation", "head segmentation_1")
    assert names_of(first) == ["grey matter", "white matter"]


def test_only_the_chosen_node_is_replaced(a_scene, a_head, labels):
    chosen, other = (segmentation_from_labels(a_head, labels, [GREY, WHITE]) for _ in range(2))
    before = nodes_of(a_scene)
    name = chosen.GetName()
    only_lesion = labels.map(lambda array: np.where(array == 2, 7, 0))
    assert segmentation_from_labels(a_head, only_lesion, [LESION], into=chosen) is chosen
    assert nodes_of(a_scene) == before
    assert chosen.GetName() == name
    assert (names_of(chosen), names_of(other)) == (["lesion"], ["grey matter", "white matter"])
    assert np.array_equal(labels_from_segmentation(chosen, a_head)[0].array_kji == 1, labels.array_kji == 2)


def test_a_chosen_node_keeps_its_conversion_settings(a_head, labels):
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    chosen.GetSegmentation().SetConversionParameter("Smoothing factor", "0.123")
    segmentation_from_labels(a_head, labels, [GREY, WHITE], into=chosen)
    assert chosen.GetSegmentation().GetConversionParameter("Smoothing factor") == "0.123"


def test_a_chosen_node_that_is_new_and_empty_gets_everything(a_scene, a_head, labels):
    chosen = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "mine")
    segmentation_from_labels(a_head, labels, [GREY, WHITE], into=chosen)
    assert names_of(chosen) == ["grey matter", "white matter"]
    assert chosen.GetDisplayNode() is not None
    assert np.array_equal(labels_from_segmentation(chosen, a_head)[0].array_kji, labels.array_kji)
    assert hierarchy_of(a_scene).GetItemByDataNode(chosen) != hierarchy_of(a_scene).GetInvalidItemID()


def test_a_failure_half_way_leaves_the_scene_as_it_was(a_scene, a_head, labels, monkeypatch):
    before = nodes_of(a_scene)
    monkeypatch.setattr(segmentation_nodes, "place_beside", fail)
    with pytest.raises(RuntimeError, match="no place"):
        segmentation_from_labels(a_head, labels, [GREY, WHITE])
    assert nodes_of(a_scene) == before
    assert not a_scene.IsBatchProcessing()


def test_a_failure_half_way_leaves_the_chosen_node_as_it_was(a_scene, a_head, a_volume, labels, monkeypatch):
    other = node_from_volume(a_scene, a_volume, "other")
    other.SetOrigin(1.0, 2.0, 3.0)
    transform = put_under(other, np.eye(4))
    chosen = segmentation_from_labels(other, labels, [GREY, WHITE])
    before, geometry = nodes_of(a_scene), reference_geometry_of(chosen)
    monkeypatch.setattr(segmentation_nodes, "place_beside", fail)
    with pytest.raises(RuntimeError, match="no place"):
        segmentation_from_labels(a_head, labels, [LESION, GREY, WHITE], into=chosen)
    assert reference_geometry_of(chosen) == geometry
    assert nodes_of(a_scene) == before
    assert names_of(chosen) == ["grey matter", "white matter"]
    assert chosen.GetTransformNodeID() == transform.GetID()
    assert chosen.GetNodeReference(chosen.GetReferenceImageGeometryReferenceRole()) is other
    assert np.array_equal(labels_from_segmentation(chosen, other)[0].array_kji, labels.array_kji)


def test_a_result_is_complete_when_widgets_hear_of_it(a_scene, a_head, labels):
    """And it is not added within a batch, which the displayable managers of segmentations would miss."""
    heard = []

    def added(*_):
        node = a_scene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        heard.append((names_of(node), bool(a_scene.IsBatchProcessing())))

    a_scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, added)
    segmentation_from_labels(a_head, labels, [GREY, WHITE])
    assert heard[0] == (["grey matter", "white matter"], False)


def test_the_desktop_hears_that_any_segment_of_the_chosen_node_may_be_new(a_head, labels):
    """Its hierarchy plugin then lists the segments anew; at that moment the node must be complete."""
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    heard = []
    chosen.AddObserver(slicer.vtkSegmentation.SegmentModified, lambda *_: heard.append(names_of(chosen)))
    segmentation_from_labels(a_head, labels, [LESION, GREY, WHITE], into=chosen)
    assert heard
    assert all(names == ["lesion", "grey matter", "white matter"] for names in heard)


def test_a_new_node_is_one_step_of_undo(a_scene, a_head, labels):
    a_scene.SetUndoOn()
    before = nodes_of(a_scene)
    segmentation_from_labels(a_head, labels, [GREY, WHITE])
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert nodes_of(a_scene) == before


def test_replacing_a_chosen_node_is_one_step_of_undo(a_scene, a_head, labels):
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    a_scene.SetUndoOn()
    segmentation_from_labels(a_head, labels, [LESION, WHITE, GREY], into=chosen)
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert names_of(chosen) == ["grey matter", "white matter"]
    assert np.array_equal(labels_from_segmentation(chosen, a_head)[0].array_kji, labels.array_kji)


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


def test_a_chosen_node_that_left_the_scene_is_refused(a_scene, a_head, labels):
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    a_scene.RemoveNode(chosen)
    with pytest.raises(VolumeError, match="the chosen segmentation is no longer in the scene"):
        segmentation_from_labels(a_head, labels, [GREY, WHITE], into=chosen)


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
