"""Where nodes are listed: the subject hierarchy."""

from __future__ import annotations

from typing import Any

import slicer


def place_beside(node: Any, sibling: Any = None) -> None:
    """List a node in the subject hierarchy under the parent of sibling, or at the top without one.

    An item at the top, such as the desktop makes by itself, is moved; one that the user has put into
    a folder or a study stays there.
    """
    hierarchy = _hierarchy_of(node)
    invalid, top = hierarchy.GetInvalidItemID(), hierarchy.GetSceneItemID()
    beside = hierarchy.GetItemByDataNode(sibling) if sibling is not None else invalid
    _place(hierarchy, node, hierarchy.GetItemParent(beside) if beside != invalid else top)


def place_below(node: Any, owner: Any) -> None:
    """List a node under the item of another one, which gets an item if it has none; see place_beside."""
    hierarchy = _hierarchy_of(node)
    parent = hierarchy.GetItemByDataNode(owner)
    if parent == hierarchy.GetInvalidItemID():
        parent = hierarchy.CreateItem(hierarchy.GetSceneItemID(), owner)
    _place(hierarchy, node, parent)


def unlist(node: Any) -> None:
    """Take a node out of the subject hierarchy and leave it in the scene."""
    hierarchy = _hierarchy_of(node)
    item = hierarchy.GetItemByDataNode(node)
    if item != hierarchy.GetInvalidItemID():
        hierarchy.RemoveItem(item, False, False)


def _hierarchy_of(node: Any) -> Any:
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())


def _place(hierarchy: Any, node: Any, parent: int) -> None:
    top, item = hierarchy.GetSceneItemID(), hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        hierarchy.CreateItem(parent, node)
    elif hierarchy.GetItemParent(item) == top != parent:
        hierarchy.SetItemParent(item, parent)
