"""slicer.app.layoutManager(): three slices and one 3D view in a square."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtWidgets

from .rendering_probe import require_rendering
from .view_widget import ViewWidget
from .views import SliceView, ThreeDView

_SLICES = {
    "Red": ("Axial", "#f34a33", (0, 0)),
    "Green": ("Coronal", "#6eb04b", (1, 0)),
    "Yellow": ("Sagittal", "#edd54c", (1, 1)),
}
_MORE_SLICES = {
    slicer.vtkMRMLLayoutNode.SlicerLayoutThreeOverThreeView: {
        "Red+": "Axial",
        "Green+": "Coronal",
        "Yellow+": "Sagittal",
    }
}
_ONE_SLICE = {
    slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView: "Red",
    slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpGreenSliceView: "Green",
    slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpYellowSliceView: "Yellow",
}


class _ViewController:
    """What both kinds of view offer under the name sliceView() or threeDView()."""

    def __init__(self, widget: ViewWidget, view: Any) -> None:
        self._widget = widget
        self._view = view

    def forceRender(self) -> None:
        self._widget.schedule()
        self._widget.repaint()

    def scheduleRender(self) -> None:
        self._widget.schedule()

    def renderWindow(self) -> Any:
        return self._view.window

    def resetFocalPoint(self) -> None:
        self._view.reset()

    resetCamera = resetFocalPoint

    def grab(self) -> Any:
        return self._widget.grab()


class _SliceWidget:
    def __init__(self, view: SliceView, widget: ViewWidget) -> None:
        self._view = view
        self.widget = widget

    def sliceLogic(self) -> Any:
        return self._view.logic

    def mrmlSliceNode(self) -> Any:
        return self._view.node

    def mrmlSliceCompositeNode(self) -> Any:
        return self._view.logic.GetSliceCompositeNode()

    def sliceView(self) -> _ViewController:
        return _ViewController(self.widget, self._view)

    def fitSliceToBackground(self) -> None:
        self._view.fit()


class _ThreeDWidget:
    def __init__(self, view: ThreeDView, widget: ViewWidget) -> None:
        self._view = view
        self.widget = widget

    def mrmlViewNode(self) -> Any:
        return self._view.node

    def threeDView(self) -> _ViewController:
        return _ViewController(self.widget, self._view)


class LayoutManager:
    """Four views, or one slice alone; of a layout with more slices only their nodes are made.

    The nodes of views that a layout hides stay in the scene, as in Slicer, and know that they are hidden.
    """

    threeDViewCount = 1
    tableViewCount = 0
    plotViewCount = 0

    def __init__(self) -> None:
        require_rendering()
        self.layout = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
        self._viewport = QtWidgets.QWidget()
        grid = QtWidgets.QGridLayout(self._viewport)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        self._slices: dict[str, _SliceWidget] = {}
        for name, (orientation, colour, (row, column)) in _SLICES.items():
            view = SliceView(name, orientation)
            self._slices[name] = _SliceWidget(view, ViewWidget(view, colour))
            grid.addWidget(self._slices[name].widget, row, column)
        self._view_3d = ThreeDView()
        self._widget_3d = _ThreeDWidget(self._view_3d, ViewWidget(self._view_3d, "#7577b5"))
        grid.addWidget(self._widget_3d.widget, 0, 1)

    def viewport(self) -> QtWidgets.QWidget:
        return self._viewport

    def setLayout(self, layout: int) -> None:
        self.layout = layout
        for name, orientation in _MORE_SLICES.get(layout, {}).items():
            if slicer.mrmlScene.GetSingletonNode(name, "vtkMRMLSliceNode") is None:
                node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSliceNode")  # which knows the orientations
                node.UnRegister(None)
                node.SetName(name)
                node.SetLayoutName(name)
                slicer.mrmlScene.AddNode(node)
                node.SetOrientation(orientation)
        self._map()

    def reset(self) -> None:
        """The first layout again, and no slices but those that it shows."""
        self.layout = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
        self._map()
        for name in [name for names in _MORE_SLICES.values() for name in names]:
            node = slicer.mrmlScene.GetSingletonNode(name, "vtkMRMLSliceNode")
            if node is not None:
                slicer.mrmlScene.RemoveNode(node)

    def _map(self) -> None:
        alone = _ONE_SLICE.get(self.layout)
        for name, slice_widget in self._slices.items():
            slice_widget.widget.setVisible(alone in (None, name))
            slice_widget.mrmlSliceNode().SetMappedInLayout(alone in (None, name))
        self._widget_3d.widget.setVisible(alone is None)
        for layout, names in _MORE_SLICES.items():
            for name in names:
                node = slicer.mrmlScene.GetSingletonNode(name, "vtkMRMLSliceNode")
                if node is not None:
                    node.SetMappedInLayout(layout == self.layout)

    def sliceViewNames(self) -> list[str]:
        return list(self._slices)

    def sliceWidget(self, name: str) -> _SliceWidget:
        return self._slices[name]

    def threeDWidget(self, index: int) -> _ThreeDWidget:
        return [self._widget_3d][index]

    def mrmlSliceLogics(self) -> Any:
        return slicer.app.applicationLogic().GetSliceLogics()

    def mrmlViewLogics(self) -> Any:
        return slicer.app.applicationLogic().GetViewLogics()

    def resetSliceViews(self) -> None:
        for widget in self._slices.values():
            widget.fitSliceToBackground()

    def resetThreeDViews(self) -> None:
        self._view_3d.reset()
