"""Views and slices of the volume find each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from Testing.unit.volumes.strategies import grid_of

from Med3DInsightLib.volumes import Plane, Volume, slice_of

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("vtk")
from Med3DInsightLib.mrml.insight.slice_views import jump_to, slice_in_view  # noqa: E402
from Med3DInsightLib.mrml.node_grid import grid_of_node  # noqa: E402
from Med3DInsightLib.mrml.scene_step import new_node  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume  # noqa: E402

from ..scenes import put_under  # noqa: E402

PLANES = [("Axial", Plane.AXIAL), ("Coronal", Plane.CORONAL), ("Sagittal", Plane.SAGITTAL)]


@pytest.fixture(params=["LPS", "RAS", "SAL"])
def a_scan(request, a_scene):
    grid = grid_of(request.param, (9, 10, 11), (1.0, 2.0, 3.0))
    return node_from_volume(a_scene, Volume(np.zeros(grid.shape_kji, np.int16), grid), "scan")


def a_view(scene, orientation):
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    node = new_node(scene, "vtkMRMLSliceNode", orientation)
    node.SetLayoutName(orientation)
    scene.AddNode(node)
    node.SetOrientation(orientation)
    return node


@pytest.mark.parametrize(("orientation", "plane"), PLANES)
@pytest.mark.parametrize("tilt_deg", [0.0, 12.0])
def test_a_view_that_jumped_to_a_slice_shows_it(a_scene, a_scan, orientation, plane, tilt_deg):
    transform = np.eye(4)
    transform[:3, :3] = Rotation.from_euler("xyz", [tilt_deg, 0, tilt_deg], degrees=True).as_matrix()
    transform[:3, 3] = 30, -20, 10
    put_under(a_scan, transform)
    view, grid = a_view(a_scene, orientation), grid_of_node(a_scan)
    for index in (0, 4, 8):
        place = slice_of(grid, plane, index)
        jump_to(view, place)
        across = {Plane.SAGITTAL: 0, Plane.CORONAL: 1, Plane.AXIAL: 2}[plane]
        assert view.GetSliceToRAS().GetElement(across, 3) == pytest.approx(place.position_ras_mm[across])
        seen = slice_in_view(a_scan, view)
        if tilt_deg == 0:
            assert seen == place
        else:  # the middle of the view is beside the middle of the slice, where a tilted slice is another one
            assert seen is None or seen.plane == plane


def test_a_view_beyond_the_volume_or_across_it_shows_no_slice(a_scene, a_scan):
    view = a_view(a_scene, "Axial")
    view.SetSliceOffset(1e4)
    assert slice_in_view(a_scan, view) is None
    view.SetSliceOffset(slice_of(grid_of_node(a_scan), Plane.AXIAL, 3).offset_ras_mm)
    assert slice_in_view(a_scan, view).index == 3
    turned = np.eye(4)
    turned[:3, :3] = Rotation.from_euler("x", 45, degrees=True).as_matrix()
    put_under(a_scan, turned)
    assert slice_in_view(a_scan, view) is None
