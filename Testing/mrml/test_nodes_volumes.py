"""Volume nodes of 3D Slicer become volumes at the right place in the patient, or are refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from Testing.unit.volumes.strategies import grids

from Med3DInsightLib.volumes import Grid, Modality, Volume, VolumeError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
from Med3DInsightLib.mrml import volume_nodes  # noqa: E402
from Med3DInsightLib.mrml.images import affine_of  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume, volume_from_node  # noqa: E402

from .scenes import new_scene, nodes_of, put_under, rigid_transforms  # noqa: E402


def numbered(grid, dtype=np.int32):
    return Volume(np.arange(np.prod(grid.shape_kji)).reshape(grid.shape_kji).astype(dtype), grid)


@given(grids())
def test_a_volume_survives_the_scene(grid):
    scene, volume = new_scene(), numbered(grid)
    found = volume_from_node(node_from_volume(scene, volume, "head"))
    assert found.grid.matches(grid, tolerance_mm=1e-4)
    assert np.array_equal(found.array_kji, volume.array_kji)


@settings(max_examples=50)
@given(grids(), rigid_transforms(), rigid_transforms())
def test_linear_parent_transforms_are_composed_into_the_affine(grid, inner, outer):
    scene = new_scene()
    node = node_from_volume(scene, numbered(grid), "head")
    put_under(node, inner, outer)
    expected = Grid(grid.shape_kji, outer @ inner @ grid.ijk_to_ras)
    assert volume_from_node(node).grid.matches(expected, tolerance_mm=1e-4)


@settings(max_examples=30)
@given(grids(), rigid_transforms())
def test_slicer_hardens_a_transform_to_where_we_say_the_voxels_are(grid, transform):
    scene = new_scene()
    node = node_from_volume(scene, numbered(grid), "head")
    put_under(node, transform)
    ours = volume_from_node(node).grid
    node.HardenTransform()
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    assert ours.matches(Grid(grid.shape_kji, affine_of(matrix)), tolerance_mm=1e-4)


@pytest.mark.parametrize(
    ("given_type", "kept"),
    [(bool, np.uint8), (np.float16, np.float32), (np.int16, np.int16), (">f4", np.float32), (np.uint16, np.uint16)],
)
def test_voxel_types_are_kept_or_widened(a_scene, given_type, kept):
    volume = numbered(Grid((2, 3, 4), np.eye(4))).map(lambda array: (array % 2).astype(given_type))
    found = volume_from_node(node_from_volume(a_scene, volume, "head")).array_kji
    assert found.dtype == kept
    assert np.array_equal(found, volume.array_kji)


def test_the_voxels_are_a_copy_of_those_in_the_scene(a_scene, a_volume):
    node = node_from_volume(a_scene, a_volume, "head")
    found = volume_from_node(node)
    node.GetImageData().GetPointData().GetScalars().Fill(7.0)
    assert np.array_equal(found.array_kji, a_volume.array_kji)


@pytest.mark.parametrize("modality", list(Modality))
def test_the_modality_survives_the_scene(a_scene, a_volume, modality):
    node = node_from_volume(a_scene, Volume(a_volume.array_kji, a_volume.grid, modality), "head")
    assert volume_from_node(node).modality is modality


@pytest.mark.parametrize(("said", "expected"), [("MR", Modality.MR), ("CT", Modality.CT), ("PT", Modality.UNKNOWN)])
def test_the_modality_is_what_the_dicom_plugin_noted_in_the_hierarchy(a_scene, a_volume, said, expected):
    node = node_from_volume(a_scene, a_volume, "head")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(node), "DICOM.Modality", said)
    assert volume_from_node(node).modality is expected


def test_voxels_in_hounsfield_units_are_ct(a_scene, a_volume):
    node = node_from_volume(a_scene, a_volume, "head")
    units = slicer.vtkCodedEntry()
    units.SetValueSchemeMeaning("[hnsf'U]", "UCUM", "Hounsfield unit")
    node.SetVoxelValueUnits(units)
    assert volume_from_node(node).modality is Modality.CT


def test_a_new_volume_has_a_display_a_free_name_and_a_place_in_the_hierarchy(a_scene, a_volume):
    first, second = (node_from_volume(a_scene, a_volume, "head") for _ in range(2))
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    assert (first.GetName(), second.GetName()) == ("head", "head_1")
    assert second.GetDisplayNode() is not None
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(second)) == hierarchy.GetSceneItemID()


def test_a_new_volume_is_one_step_of_undo(a_scene, a_volume):
    a_scene.SetUndoOn()
    before = nodes_of(a_scene)
    node_from_volume(a_scene, a_volume, "head")
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert nodes_of(a_scene) == before


def test_a_failure_half_way_leaves_the_scene_as_it_was(a_scene, a_volume, monkeypatch):
    def fail(*_):
        raise RuntimeError("no place")

    before = nodes_of(a_scene)
    monkeypatch.setattr(volume_nodes, "place_beside", fail)
    with pytest.raises(RuntimeError, match="no place"):
        node_from_volume(a_scene, a_volume, "head")
    assert nodes_of(a_scene) == before
    assert not a_scene.IsBatchProcessing()


def test_reading_a_node_changes_nothing(a_volume):
    scene = slicer.vtkMRMLScene()
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "head")
    image = vtk.vtkImageData()
    image.SetDimensions(2, 2, 2)
    image.AllocateScalars(vtk.VTK_SHORT, 1)
    node.SetAndObserveImageData(image)
    before = nodes_of(scene)
    volume_from_node(node)
    assert nodes_of(scene) == before


def refusal_of(node):
    with pytest.raises(VolumeError) as caught:
        volume_from_node(node)
    return str(caught.value)


def test_no_node_is_refused():
    assert refusal_of(None) == "no volume is chosen. Choose a volume."


def test_a_volume_without_voxels_is_refused_by_name(a_scene):
    node = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "not loaded")
    assert refusal_of(node).startswith("'not loaded': the volume has no voxels. ")
    node.SetAndObserveImageData(vtk.vtkImageData())
    assert refusal_of(node).startswith("'not loaded': the volume has no voxels. ")


@pytest.mark.parametrize("class_name", ["vtkMRMLScalarVolumeNode", "vtkMRMLVectorVolumeNode"])
def test_a_colour_volume_is_refused_by_name(a_scene, class_name):
    node = a_scene.AddNewNodeByClass(class_name, "photo")
    image = vtk.vtkImageData()
    image.SetDimensions(2, 3, 4)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    node.SetAndObserveImageData(image)
    assert refusal_of(node).startswith("'photo': every voxel has 3 components (a colour or vector volume). ")


@pytest.mark.parametrize(
    ("class_name", "cause"),
    [("vtkMRMLLabelMapVolumeNode", "is a label map, not an image"), ("vtkMRMLModelNode", "is not a volume (Model)")],
)
def test_what_is_no_image_is_refused_by_name(a_scene, class_name, cause):
    assert refusal_of(a_scene.AddNewNodeByClass(class_name, "other")).startswith(f"'other': {cause}. ")


def test_voxels_that_are_not_finite_are_refused_by_name(a_scene, a_volume):
    array = a_volume.array_kji.copy()
    array[0, 0, :2] = np.nan, np.inf
    node = node_from_volume(a_scene, a_volume.with_array(array), "head")
    assert refusal_of(node).startswith(f"'head': 2 of {array.size} voxels are NaN or infinite. ")


def test_a_transform_that_is_not_linear_is_refused_with_a_way_out(a_scene, a_volume):
    node = node_from_volume(a_scene, a_volume, "head")
    transform = a_scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode", "warp")
    bspline = slicer.vtkOrientedBSplineTransform()
    coefficients = vtk.vtkImageData()
    coefficients.SetDimensions(5, 5, 5)
    coefficients.AllocateScalars(vtk.VTK_DOUBLE, 3)
    bspline.SetCoefficientData(coefficients)
    transform.SetAndObserveTransformToParent(bspline)
    node.SetAndObserveTransformNodeID(transform.GetID())
    message = refusal_of(node)
    assert message.startswith("'head': the volume is under a transform that is not linear ('warp'). Harden")
    assert "resamples" in message


def test_a_shear_by_a_parent_transform_is_refused_with_a_way_out(a_scene, a_volume):
    node = node_from_volume(a_scene, a_volume, "head")
    shear = np.eye(4)
    shear[0, 1] = 0.1
    put_under(node, shear)
    assert "not perpendicular to each other (a shear). Take the volume out of its transform" in refusal_of(node)


def test_a_shear_of_the_volume_itself_is_refused_with_a_way_out(a_scene, a_volume):
    affine = a_volume.grid.ijk_to_ras.copy()
    affine[:3, 1] += 0.1 * affine[:3, 0]
    node = node_from_volume(a_scene, Volume(a_volume.array_kji, Grid(a_volume.grid.shape_kji, affine)), "head")
    assert "(a shear). Resample the volume to a grid without shear" in refusal_of(node)


def test_a_singular_affine_is_refused_by_name(a_scene, a_volume):
    node = node_from_volume(a_scene, a_volume, "head")
    put_under(node, np.diag([1.0, 1.0, 0.0, 1.0]))
    assert refusal_of(node).startswith("'head': ")
