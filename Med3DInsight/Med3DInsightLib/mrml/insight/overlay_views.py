"""An overlay as the foreground of slice views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .overlay_node import ROLE
from .records import forget, record, set_record
from .result_nodes import role_of

_BEFORE, _OPACITY_BEFORE = "Med3DInsight.Foreground", "ForegroundOpacity"
"""Where a view remembers what was in front of the overlay: a reference to its node, and a record."""


def show_in_views(overlay_node: Any, volume_node: Any, opacity: float = 0.5) -> int:
    """Draw an overlay over its volume in every slice view that shows the volume, or nothing yet; how many these are.

    Views that the user filled with another volume stay as they are; what was in the foreground comes back when the
    overlay is hidden. Raises ValueError unless opacity is from 0 to 1.
    """
    if not 0 <= opacity <= 1:
        raise ValueError(f"an opacity is from 0 to 1, not {opacity}")
    shown = 0
    for view in _composites(overlay_node.GetScene()):
        if view.GetBackgroundVolumeID() in (None, volume_node.GetID()):
            _remember_foreground(view)
            view.SetBackgroundVolumeID(volume_node.GetID())
            view.SetForegroundVolumeID(overlay_node.GetID())
            view.SetForegroundOpacity(opacity)
            shown += 1
    return shown


def hide_in_views(overlay_node: Any) -> None:
    """Take an overlay from the foreground of all slice views, and bring back what was there before it."""
    for view in _composites(overlay_node.GetScene()):
        if view.GetForegroundVolumeID() == overlay_node.GetID():
            _bring_foreground_back(view)


def _remember_foreground(view: Any) -> None:
    identifier = view.GetForegroundVolumeID()
    node = None if identifier is None else view.GetScene().GetNodeByID(identifier)
    if node is None or role_of(node) != ROLE:  # the user's, and not another overlay of ours
        view.SetNodeReferenceID(_BEFORE, identifier)
        set_record(view, _OPACITY_BEFORE, view.GetForegroundOpacity())


def _bring_foreground_back(view: Any) -> None:
    view.SetForegroundVolumeID(view.GetNodeReferenceID(_BEFORE))
    view.SetForegroundOpacity(record(view, _OPACITY_BEFORE) or 0.0)
    view.SetNodeReferenceID(_BEFORE, None)
    forget(view, _OPACITY_BEFORE)


def _composites(scene: Any) -> Iterator[Any]:
    """The nodes that tell what the slice views are made of."""
    name = "vtkMRMLSliceCompositeNode"
    return (scene.GetNthNodeByClass(n, name) for n in range(scene.GetNumberOfNodesByClass(name)))
