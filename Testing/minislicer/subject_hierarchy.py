"""Items of the subject hierarchy, which Slicer's plugins create whenever a node is added."""

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
            scene.AddObserver(scene.EndBatchProcessEvent, self._add_missing),
        ]

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _added(self, _scene: Any, _event: str, node: Any) -> None:
        if not self._scene.IsBatchProcessing():
            self._add(node)

    def _add_missing(self, *_: Any) -> None:
        if self._scene.IsClosing():
            return
        for index in range(self._scene.GetNumberOfNodes()):
            self._add(self._scene.GetNthNode(index))

    def _add(self, node: Any) -> None:
        if node.GetHideFromEditors() or not any(node.IsA(kind) for kind in self._KINDS):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        if hierarchy is not None and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
