"""Changing a scene in one step that is done completely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .hierarchy import unlist


@contextmanager
def one_step(scene: Any) -> Iterator[None]:
    """Make everything within one step of undo; a failure removes the nodes that were added.

        with one_step(scene):
            node = new_node(scene, "vtkMRMLTableNode", "volumes")
            ...

    Nodes should be complete when they are added: the scene's batch state would hold views back until the
    end, but the displayable managers of segmentations then miss the node until something else makes
    them look again. Changes to nodes that were there before are for the caller to take back.
    """
    before = _nodes_of(scene)
    if scene.GetUndoFlag():
        scene.SaveStateForUndo()
    try:
        yield
    except BaseException:
        for node in reversed(_nodes_of(scene)):
            if node not in before and not node.IsA("vtkMRMLSubjectHierarchyNode"):
                unlist(node)
                scene.RemoveNode(node)
        raise


def new_node(scene: Any, class_name: str, name: str) -> Any:
    """A node, not yet in the scene, with the scene's defaults for its class and a name nobody else has.

    Where undo is on, it can be undone.
    """
    node = scene.CreateNodeByClass(class_name)
    node.UnRegister(None)  # CreateNodeByClass hands out a reference that Python does not know of
    node.SetName(scene.GetUniqueNameByString(name))
    enable_undo(scene, node)
    return node


def enable_undo(scene: Any, *nodes: Any) -> None:
    """Let nodes of ours take part in undo where the scene has it on."""
    if scene.GetUndoFlag():
        for node in nodes:
            node.SetUndoEnabled(True)


def _nodes_of(scene: Any) -> list[Any]:
    return [scene.GetNthNode(n) for n in range(scene.GetNumberOfNodes())]
