"""Volume nodes as volumes and back."""

from __future__ import annotations

from typing import Any

import vtk

from ..volumes.errors import VolumeError
from ..volumes.volume import Volume, require_finite
from .hierarchy import place_beside
from .images import array_of, fill_image, matrix_of
from .modality import modality_of_node, set_modality_of_node
from .node_errors import errors_naming_node
from .node_grid import grid_of_node, voxels_of
from .scene_step import enable_undo, new_node, one_step
from .translation import tr as _


def volume_from_node(node: Any) -> Volume:
    """The voxels of a scalar volume node, copied, on their grid in world RAS mm.

    Linear parent transforms are composed into the affine. The modality is what the scene knows of it.

    Raises VolumeError, naming the node, what was found and the next step, for anything but finite
    scalar voxels on a grid of perpendicular axes.
    """
    if node is None:
        raise VolumeError(_("no volume is chosen"), next_step=_("choose a volume"))
    with errors_naming_node(node):
        _refuse_unless_scalar(node)
        volume = Volume(array_of(node.GetImageData()), grid_of_node(node), modality_of_node(node))
        require_finite(volume)
        return volume


def node_from_volume(scene: Any, volume: Volume, name: str) -> Any:
    """A new vtkMRMLScalarVolumeNode with a copy of the voxels (KJI), their place in RAS mm and a display.

    If the name is taken, a number is added. It is one step of undo.
    """
    image = vtk.vtkImageData()
    fill_image(image, volume.array_kji)
    node = new_node(scene, "vtkMRMLScalarVolumeNode", name)
    node.SetIJKToRASMatrix(matrix_of(volume.grid.ijk_to_ras))
    node.SetAndObserveImageData(image)
    set_modality_of_node(node, volume.modality)
    with one_step(scene):
        scene.AddNode(node)
        node.CreateDefaultDisplayNodes()
        enable_undo(scene, node.GetDisplayNode())
        place_beside(node)
    return node


def _refuse_unless_scalar(node: Any) -> None:
    if not node.IsA("vtkMRMLScalarVolumeNode"):
        told = _("is not a volume ({kind})").format(kind=node.GetNodeTagName())
        raise VolumeError(told, next_step=_("choose a volume"))
    if node.IsA("vtkMRMLLabelMapVolumeNode"):
        raise VolumeError(_("is a label map, not an image"), next_step=_("choose the volume on which it was drawn"))
    components = voxels_of(node).GetNumberOfScalarComponents()
    if components > 1:
        told = _("every voxel has {count} components (a colour or vector volume)").format(count=components)
        raise VolumeError(
            told, next_step=_("convert it to a scalar volume, for example with the module Vector to Scalar Volume")
        )
