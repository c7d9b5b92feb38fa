"""Nodes that show a result of a volume: found again, replaced in place, removed completely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ...volumes.errors import VolumeError
from ..hierarchy import place_below, unlist
from ..scene_step import enable_undo, new_node
from ..translation import tr as _

_ROLE = "Med3DInsight.Role"
_VOLUME = "Med3DInsight.Volume"


def scene_of(volume_node: Any) -> Any:
    """The scene of a volume node; raises VolumeError if it has left it."""
    scene = volume_node.GetScene()
    if scene is None:
        raise VolumeError(
            _("the volume is no longer in the scene"), next_step=_("load it again and repeat the analysis")
        )
    return scene


def result_node(volume_node: Any, class_name: str, role: str) -> Any:
    """The node of a class that shows a role, such as "classes", of a volume; None if there is none."""
    return next((node for node in _results(volume_node, class_name) if node.GetAttribute(_ROLE) == role), None)


def results_of(volume_node: Any) -> list[Any]:
    """All nodes that show results of a volume."""
    return list(_results(volume_node, "vtkMRMLNode"))


def role_of(node: Any) -> str:
    """Which result of a volume a node shows; "" for any other node."""
    return str(node.GetAttribute(_ROLE) or "")


def volume_of(node: Any) -> Any:
    """The volume node whose result a node shows; None if it is gone."""
    return node.GetNodeReference(_VOLUME)


def prepared_node(volume_node: Any, class_name: str, role: str, name: str) -> Any:
    """The node that shows role already, or a new one, complete but for its content and not yet in the scene."""
    node = result_node(volume_node, class_name, role)
    if node is not None:
        enable_undo(volume_node.GetScene(), node)
        return node
    node = new_node(volume_node.GetScene(), class_name, name)
    node.SetAttribute(_ROLE, role)
    return node


def add_below(volume_node: Any, node: Any) -> None:
    """Bring a node into the scene of its volume, if it is not there, and list it below the volume."""
    if node.GetScene() is None:
        volume_node.GetScene().AddNode(node)
    node.SetNodeReferenceID(_VOLUME, volume_node.GetID())
    place_below(node, volume_node)


def remove_nodes(nodes: Iterable[Any]) -> None:
    """Remove nodes from their scene with their items, displays and files; those that are not in a scene are left."""
    for node in nodes:
        scene = node.GetScene()
        if scene is None:
            continue
        displays = [node.GetNthDisplayNode(n) for n in range(_count(node, "GetNumberOfDisplayNodes"))]
        storages = [node.GetNthStorageNode(n) for n in range(_count(node, "GetNumberOfStorageNodes"))]
        unlist(node)
        for each in (node, *displays, *storages):
            if each is not None and each.GetScene() is scene:
                scene.RemoveNode(each)


@contextmanager
def as_before_on_failure(*nodes: Any) -> Iterator[None]:
    """Give nodes that were in the scene before their content back if anything fails."""
    kept = [(node, _copy_of(node)) for node in nodes if node.GetScene() is not None]
    try:
        yield
    except BaseException:
        for node, copy in kept:
            node.Copy(copy)
        raise


def _copy_of(node: Any) -> Any:
    copy = node.CreateNodeInstance()
    copy.UnRegister(None)  # CreateNodeInstance hands out a reference that Python does not know of
    copy.Copy(node)
    return copy


def _count(node: Any, getter: str) -> int:
    return int(getattr(node, getter)()) if hasattr(node, getter) else 0


def _results(volume_node: Any, class_name: str) -> Iterator[Any]:
    scene = scene_of(volume_node)
    for n in range(scene.GetNumberOfNodesByClass(class_name)):
        node = scene.GetNthNodeByClass(n, class_name)
        if node.GetAttribute(_ROLE) and node.GetNodeReferenceID(_VOLUME) == volume_node.GetID():
            yield node
