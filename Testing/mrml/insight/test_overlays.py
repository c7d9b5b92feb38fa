"""Attention lies on the voxels of its volume, follows scrolling fast, and stays with the scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Plane, VolumeError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("vtk")

from Med3DInsightLib.mrml.insight import overlay_node as module  # noqa: E402
from Med3DInsightLib.mrml.insight.overlay_display import legend_of, set_threshold_share  # noqa: E402
from Med3DInsightLib.mrml.insight.overlay_node import overlay_of, overwrite_voxels, show_overlay  # noqa: E402
from Med3DInsightLib.mrml.insight.overlay_subject import OverlaySubject, subject_of  # noqa: E402
from Med3DInsightLib.mrml.insight.overlay_views import show_in_views  # noqa: E402
from Med3DInsightLib.mrml.insight.result_nodes import remove_nodes, results_of  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import volume_from_node  # noqa: E402

from ..saved_scenes import save_and_load  # noqa: E402
from ..scenes import hierarchy_of, nodes_of, put_under  # noqa: E402
from .overlay_parts import SUBJECT, a_turned_transform, values_for, voxels_of  # noqa: E402


def test_an_overlay_lies_on_the_voxels_of_its_volume_also_below_a_transform(a_scene, a_head):
    put_under(a_head, a_turned_transform())
    node = show_overlay(a_head, values_for(a_head), SUBJECT)
    overlay, head = volume_from_node(node), volume_from_node(a_head)
    assert overlay.grid.matches(head.grid, tolerance_mm=1e-6)
    assert np.array_equal(overlay.array_kji, values_for(a_head))
    hierarchy = hierarchy_of(a_scene)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == hierarchy.GetItemByDataNode(a_head)


def test_the_legend_names_what_is_drawn_also_where_an_overlay_takes_the_place_of_another(a_core, a_cube):
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    other = replace(SUBJECT, method="another method")
    overwrite_voxels(node, a_cube, values_for(a_cube), other)
    assert legend_of(node).GetTitleText() == "another method"


def test_colours_range_threshold_and_legend(a_core, a_cube):
    node = show_overlay(a_cube, values_for(a_cube, 4.0), SUBJECT)
    display = node.GetDisplayNode()
    assert display.GetColorNodeID() == "vtkMRMLColorTableNodeIron"  # slicer-core has no colours from files
    assert (display.GetWindowLevelMin(), display.GetWindowLevelMax()) == (0.0, 4.0)
    assert (display.GetLowerThreshold(), display.GetApplyThreshold()) == (pytest.approx(2.0), 1)
    assert legend_of(node).GetTitleText() == SUBJECT.method


def test_slicers_own_uniform_colours_are_taken_where_they_are(a_core, a_cube):
    inferno = slicer.vtkMRMLColorTableNode()
    inferno.SetSingletonTag("FileInferno.txt")
    a_core.scene.AddNode(inferno)
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    assert node.GetDisplayNode().GetColorNode() is inferno
    a_core.scene.RemoveNode(inferno)


def test_scrolling_overwrites_the_voxels_and_tells_of_it_once(a_core, a_cube):
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    before, events = nodes_of(a_core.scene), []
    for each in (node, node.GetDisplayNode()):
        each.AddObserver("ModifiedEvent", lambda caller, _: events.append(caller.GetClassName()))
    image = node.GetImageData()
    later = OverlaySubject("attention", "b", "0" * 64, Plane.SAGITTAL, 3, head=2)
    overwrite_voxels(node, a_cube, values_for(a_cube, 0.5), later)
    assert node.GetImageData() is image
    assert np.array_equal(voxels_of(node), values_for(a_cube, 0.5))
    assert events.count("vtkMRMLScalarVolumeNode") == 1
    assert events.count("vtkMRMLScalarVolumeDisplayNode") <= 2
    assert node.GetDisplayNode().GetWindowLevelMax() == 0.5
    assert (subject_of(node), nodes_of(a_core.scene)) == (later, before)


def test_an_overlay_follows_its_volume_below_another_transform(a_core, a_cube):
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    put_under(a_cube, a_turned_transform())
    overwrite_voxels(node, a_cube, values_for(a_cube), SUBJECT)
    assert volume_from_node(node).grid.matches(volume_from_node(a_cube).grid, tolerance_mm=1e-6)


def test_showing_again_replaces_the_overlay_in_place(a_scene, a_head):
    node = show_overlay(a_head, values_for(a_head), SUBJECT)
    set_threshold_share(node, 0.5)
    before = nodes_of(a_scene)
    assert show_overlay(a_head, values_for(a_head, 2.0), SUBJECT) is node is overlay_of(a_head)
    assert nodes_of(a_scene) == before
    assert node.GetDisplayNode().GetLowerThreshold() == pytest.approx(1.0)


@pytest.mark.parametrize("how", ["mrb", "folder"])
def test_an_overlay_survives_saving_and_loading_the_scene(a_core, a_cube, an_axial_view, tmp_path, how):
    put_under(a_cube, a_turned_transform())
    node = show_overlay(a_cube, values_for(a_cube), SUBJECT)
    show_in_views(node, a_cube, opacity=0.3)
    overwrite_voxels(node, a_cube, values_for(a_cube, 3.0), SUBJECT)
    scene = save_and_load(a_core, tmp_path, how)
    cube = scene.GetFirstNodeByName("cube")
    node = overlay_of(cube)
    assert subject_of(node) == SUBJECT
    assert np.array_equal(voxels_of(node), values_for(cube, 3.0))
    assert volume_from_node(node).grid.matches(volume_from_node(cube).grid, tolerance_mm=1e-4)
    assert node.GetDisplayNode().GetWindowLevelMax() == 3.0
    assert legend_of(node) is not None
    view = scene.GetNodeByID("vtkMRMLSliceCompositeNodeRed")
    assert (view.GetForegroundVolumeID(), view.GetForegroundOpacity()) == (node.GetID(), 0.3)
    overwrite_voxels(node, cube, values_for(cube), SUBJECT)
    assert np.array_equal(voxels_of(node), values_for(cube))


def test_removing_an_overlay_leaves_nothing_behind(a_core, a_cube, an_axial_view):
    before = nodes_of(a_core.scene)
    show_in_views(show_overlay(a_cube, values_for(a_cube), SUBJECT), a_cube)
    remove_nodes(results_of(a_cube))
    assert nodes_of(a_core.scene) == before
    assert an_axial_view.GetSliceCompositeNode().GetForegroundVolumeID() is None


def test_an_overlay_is_one_step_of_undo(a_scene, a_head):
    a_scene.SetUndoOn()
    before = nodes_of(a_scene)
    show_overlay(a_head, values_for(a_head), SUBJECT)
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert nodes_of(a_scene) == before


@pytest.mark.parametrize("again", [False, True])
def test_a_failure_half_way_leaves_the_scene_as_it_was(a_scene, a_head, monkeypatch, again):
    def fail(*_):
        raise RuntimeError("no colours")

    node = show_overlay(a_head, values_for(a_head), SUBJECT) if again else None
    before = nodes_of(a_scene)
    monkeypatch.setattr(module, "show_range", fail)
    with pytest.raises(RuntimeError, match="no colours"):
        show_overlay(a_head, values_for(a_head, 2.0), OverlaySubject("other", "b", "1" * 64))
    assert nodes_of(a_scene) == before
    if again:
        assert (subject_of(node), float(voxels_of(node).max())) == (SUBJECT, 1.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values[1:], "'head': the overlay has .* voxels, the volume"),
        (lambda values: np.where(values < 0.1, np.nan, values), "'head': the overlay has values that are not finite"),
    ],
)
def test_values_that_do_not_fit_change_nothing(a_scene, a_head, change, message):
    node = show_overlay(a_head, values_for(a_head), SUBJECT)
    before = nodes_of(a_scene)
    wrong = change(values_for(a_head))
    with pytest.raises(VolumeError, match=message):
        show_overlay(a_head, wrong, SUBJECT)
    with pytest.raises(VolumeError, match=message):
        overwrite_voxels(node, a_head, wrong, SUBJECT)
    assert nodes_of(a_scene) == before
    assert np.array_equal(voxels_of(node), values_for(a_head))


def test_another_volume_is_no_overlay(a_head):
    with pytest.raises(UserError, match="'head': is not an overlay of this module"):
        subject_of(a_head)
