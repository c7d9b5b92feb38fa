"""Where nodes are listed: the subject hierarchy."""

from __future__ import annotations

from typing import Any

import slicer


def place_beside(node: Any, sibling: Any = None) -> None:
    """List a node in the subject hierarchy under the parent of sibling, or at the top without one.

    An item at the top, such as the desktop makes by itself, is moved; one that the user has put into
    a folder or a study stays there.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    invalid, top = hierarchy.GetInvalidItemID(), hierarchy.GetSceneItemID()
    beside = hierarchy.GetItemByDataNode(sibling) if sibling is not None else invalid
    parent = hierarchy.GetItemParent(beside) if beside != invalid else top
    item = hierarchy.GetItemByDataNode(node)
    if item == invalid:
        hierarchy.CreateItem(parent, node)
    elif hierarchy.GetItemParent(item) == top != parent:
        hierarchy.SetItemParent(item, parent)


def unlist(node: Any) -> None:
    """Take a node out of the subject hierarchy and leave it in the scene."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    item = hierarchy.GetItemByDataNode(node)
    if item != hierarchy.GetInvalidItemID():
        hierarchy.RemoveItem(item, False, False)
