"""A volume in the application's scene, and a view of it."""

from __future__ import annotations

import numpy as np
import pytest

from Med3DInsightLib.volumes import Grid, Volume


@pytest.fixture
def a_cube(a_core):
    """A dark volume, 24 voxels of 1 mm, in the application's scene."""
    from Med3DInsightLib.mrml.volume_nodes import node_from_volume

    shape = (24, 24, 24)
    return node_from_volume(a_core.scene, Volume(np.zeros(shape, np.int16), Grid(shape, np.eye(4))), "cube")


@pytest.fixture
def an_axial_view(a_core):
    """The logic of a slice view of 96 pixels, which blends the volumes without drawing them."""
    import slicer

    logic = slicer.vtkMRMLSliceLogic()
    logic.SetMRMLApplicationLogic(a_core.application_logic)
    logic.SetMRMLScene(a_core.scene)
    logic.AddSliceNode("Red").SetOrientation("Axial")
    logic.ResizeSliceNode(96, 96)
    yield logic
    view_nodes = (logic.GetSliceNode(), logic.GetSliceCompositeNode(), logic.GetSliceDisplayNode())
    logic.SetMRMLScene(None)
    for node in view_nodes:  # closing the scene would keep them, with the state of this test
        a_core.scene.RemoveNode(node)
