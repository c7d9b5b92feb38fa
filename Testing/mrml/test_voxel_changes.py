"""Only a change of voxels is taken for one, however a module tells Slicer of it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
util = pytest.importorskip("slicer.util")

from Med3DInsightLib.mrml.images import fill_image  # noqa: E402
from Med3DInsightLib.mrml.voxel_changes import SeenVoxels, VoxelWatch  # noqa: E402

from .scenes import put_under  # noqa: E402


def write_into_the_array(node):
    util.arrayFromVolume(node)[:] = 7
    util.arrayFromVolumeModified(node)


def exchange_the_image(node):
    image = vtk.vtkImageData()
    fill_image(image, np.zeros((2, 3, 4), np.int16))
    node.SetAndObserveImageData(image)


CHANGES = {
    "an array that was written into": write_into_the_array,
    "an image that was filtered in place": lambda node: node.GetImageData().Modified(),
    "another image": exchange_the_image,
    "no image": lambda node: node.SetAndObserveImageData(None),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_voxels_is_told_once(a_head, change):
    told = []
    seen, watch = SeenVoxels(a_head), VoxelWatch(a_head, lambda: told.append("changed"))
    change(a_head)
    assert seen.changed
    assert told == ["changed"]
    exchange_the_image(a_head)
    watch.close()
    assert told == ["changed"]


def test_nothing_else_is_a_change_of_voxels(a_head):
    told = []
    seen, watch = SeenVoxels(a_head), VoxelWatch(a_head, lambda: told.append("changed"))
    a_head.SetName("renamed")
    put_under(a_head, np.diag([1.0, -1.0, -1.0, 1.0]))
    a_head.SetSpacing(2.0, 2.0, 2.0)
    a_head.CreateDefaultDisplayNodes()
    a_head.GetDisplayNode().SetAutoWindowLevel(True)
    a_head.GetImageData().GetScalarRange()
    util.arrayFromVolume(a_head).max()
    assert not seen.changed
    assert told == []
    watch.close()
    write_into_the_array(a_head)
    assert told == []
