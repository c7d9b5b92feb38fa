"""What the tests of overlays share: a subject, values for a volume node, and the voxels of a node."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation
from vtk.util.numpy_support import vtk_to_numpy

from Med3DInsightLib.mrml.insight.overlay_subject import OverlaySubject
from Med3DInsightLib.volumes import Plane

SUBJECT = OverlaySubject("attention", 'a "bundle"; #1', "0" * 64, Plane.AXIAL, 12, layer=1, head=None)
SHAPE = (24, 24, 24)


def values_for(node, factor=1.0):
    shape = node.GetImageData().GetDimensions()[::-1]
    return factor * np.linspace(0.0, 1.0, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def voxels_of(node):
    return vtk_to_numpy(node.GetImageData().GetPointData().GetScalars()).reshape(
        node.GetImageData().GetDimensions()[::-1]
    )


def a_turned_transform():
    transform = np.eye(4)
    transform[:3, :3] = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    transform[:3, 3] = 5, 6, 7
    return transform
