"""Attention or another saliency of a volume, as a volume node that is drawn over it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray
from vtk.util import numpy_support

from ...volumes.errors import VolumeError
from ..images import fill_image
from ..node_errors import errors_naming_node
from ..node_grid import voxels_of
from ..scene_step import enable_undo, one_step
from ..translation import tr as _
from .overlay_display import give_display, rename_legend, show_range, title_legend
from .overlay_subject import OverlaySubject, set_subject
from .result_nodes import add_below, as_before_on_failure, prepared_node, result_node, scene_of

ROLE = "overlay"


def show_overlay(volume_node: Any, values_kji: NDArray[np.float32], subject: OverlaySubject) -> Any:
    """Show values on the voxels of a volume node as its overlay, below it; made anew or replaced in place.

    The node lies below the same parent transform as the volume and draws 0 as nothing and the highest value as
    the brightest colour. show_in_views() puts it over the volume. One step of undo, complete or not at all.

    Raises VolumeError, naming the volume, if the values do not fit its voxels or are not finite, or the volume
    has left the scene.
    """
    scene = scene_of(volume_node)
    with errors_naming_node(volume_node):
        highest = _highest_fitting(values_kji, voxels_of(volume_node))
    image = vtk.vtkImageData()
    fill_image(image, values_kji.astype(np.float32, copy=False))
    name = _("{volume} overlay").format(volume=volume_node.GetName())
    node = prepared_node(volume_node, "vtkMRMLScalarVolumeNode", ROLE, name)
    kept = [each for each in (node, node.GetDisplayNode()) if each is not None]
    with one_step(scene), as_before_on_failure(*kept):
        _place(node, volume_node)
        node.SetAndObserveImageData(image)
        set_subject(node, subject)
        add_below(volume_node, node)
        enable_undo(scene, *give_display(node))
        title_legend(node, subject.method)
        show_range(node, highest)
    return node


def overlay_of(volume_node: Any) -> Any:
    """The overlay node of a volume; None if there is none."""
    return result_node(volume_node, "vtkMRMLScalarVolumeNode", ROLE)


def overwrite_voxels(
    node: Any, volume_node: Any, values_kji: NDArray[np.float32], subject: OverlaySubject, highest: float | None = None
) -> None:
    """Let an overlay show other values of the same volume, fast: no node is made, nothing can be undone.

    For every step of a scroll: the voxels are written over in place, and the node tells of it once. highest is
    the brightest value where it is known; else it is looked for.

    Raises VolumeError, naming the volume, if the values do not fit or are not finite; the overlay is then as it was.
    """
    image = node.GetImageData()
    with errors_naming_node(volume_node):
        found = _highest_fitting(values_kji, voxels_of(volume_node), highest)
        if image is None or image.GetDimensions() != values_kji.shape[::-1]:
            raise VolumeError(_("its overlay has other voxels"), next_step=_("show the overlay again"))
        scalars = image.GetPointData().GetScalars()
        np.copyto(numpy_support.vtk_to_numpy(scalars).reshape(values_kji.shape), values_kji, casting="same_kind")
    modifying = node.StartModify()
    try:
        scalars.Modified()
        _place(node, volume_node)
        set_subject(node, subject)
        node.Modified()
    finally:
        node.EndModify(modifying)
    rename_legend(node, subject.method)
    show_range(node, found)


def _place(node: Any, volume_node: Any) -> None:
    matrix = vtk.vtkMatrix4x4()
    volume_node.GetIJKToRASMatrix(matrix)
    node.SetIJKToRASMatrix(matrix)
    node.SetAndObserveTransformNodeID(volume_node.GetTransformNodeID())


def _highest_fitting(values_kji: NDArray[np.float32], voxels: Any, highest: float | None = None) -> float:
    if values_kji.shape != voxels.GetDimensions()[::-1]:
        shapes = "x".join(map(str, values_kji.shape[::-1])), "x".join(map(str, voxels.GetDimensions()))
        told = _("the overlay has {overlay} voxels, the volume {volume}").format(overlay=shapes[0], volume=shapes[1])
        raise VolumeError(told, next_step=_("repeat the analysis"))
    found = float(values_kji.max()) if highest is None else highest
    if not math.isfinite(found):  # max() of an array with NaN is NaN
        raise VolumeError(_("the overlay has values that are not finite"), next_step=_("repeat the analysis"))
    return found
