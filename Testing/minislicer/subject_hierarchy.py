"""Items of the subject hierarchy, which Slicer's plugins create and remove together with nodes."""

from __future__ import annotations

from typing import Any

import slicer
import vtk


class SubjectHierarchyItems:
    """Creates an item for every data node that a user would see in the Data module.

    Left out: what plugins of Slicer do with an item, such as icons, menus and visibility.
    """

    _KINDS = (
        "vtkMRMLVolumeNode",
        "vtkMRMLSegmentationNode",
        "vtkMRMLModelNode",
        "vtkMRMLMarkupsNode",
        "vtkMRMLTransformNode",
        "vtkMRMLTableNode",
        "vtkMRMLTextNode",
        "vtkMRMLPlotSeriesNode",
        "vtkMRMLPlotChartNode",
    )

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self._tags = [
            scene.AddObserver(scene.NodeAddedEvent, self._added),
            scene.AddObserver(scene.EndImportEvent, self._add_missing),
            scene.AddObserver(scene.NodeAboutToBeRemovedEvent, self._about_to_be_removed),
        ]

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _added(self, _scene: Any, _event: str, node: Any) -> None:
        if not self._scene.IsImporting():  # a scene brings its own items
            self._add(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _about_to_be_removed(self, _scene: Any, _event: str, node: Any) -> None:
        if self._scene.IsClosing() or node.IsA("vtkMRMLSubjectHierarchyNode"):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        item = hierarchy.GetItemByDataNode(node) if hierarchy is not None else 0
        if item:
            hierarchy.RemoveItem(item, False, False)

    def _add_missing(self, *_: Any) -> None:
        for index in range(self._scene.GetNumberOfNodes()):
            self._add(self._scene.GetNthNode(index))

    def _add(self, node: Any) -> None:
        if node.GetHideFromEditors() or not any(node.IsA(kind) for kind in self._KINDS):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        if hierarchy is not None and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
