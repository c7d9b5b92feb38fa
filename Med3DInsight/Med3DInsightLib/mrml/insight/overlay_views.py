"""An overlay as the foreground of slice views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def show_in_views(overlay_node: Any, volume_node: Any, opacity: float = 0.5) -> int:
    """Draw an overlay over its volume in every slice view that shows the volume, or nothing yet; how many these are.

    Views that the user filled with another volume stay as they are. Raises ValueError unless opacity is from 0 to 1.
    """
    if not 0 <= opacity <= 1:
        raise ValueError(f"an opacity is from 0 to 1, not {opacity}")
    shown = 0
    for view in _composites(overlay_node.GetScene()):
        if view.GetBackgroundVolumeID() in (None, volume_node.GetID()):
            view.SetBackgroundVolumeID(volume_node.GetID())
            view.SetForegroundVolumeID(overlay_node.GetID())
            view.SetForegroundOpacity(opacity)
            shown += 1
    return shown


def hide_in_views(overlay_node: Any) -> None:
    """Take an overlay from the foreground of all slice views."""
    for view in _composites(overlay_node.GetScene()):
        if view.GetForegroundVolumeID() == overlay_node.GetID():
            view.SetForegroundVolumeID(None)
            view.SetForegroundOpacity(0.0)


def _composites(scene: Any) -> Iterator[Any]:
    """The nodes that tell what the slice views are made of."""
    name = "vtkMRMLSliceCompositeNode"
    return (scene.GetNthNodeByClass(n, name) for n in range(scene.GetNumberOfNodesByClass(name)))
