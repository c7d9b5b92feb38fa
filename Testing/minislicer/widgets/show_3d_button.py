"""qMRMLSegmentationShow3DButton: make and show the surfaces of a segmentation."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from ..pythonqt.native import acts_native

_SURFACE = "Closed surface"


@acts_native
class qMRMLSegmentationShow3DButton(QtWidgets.QPushButton):
    """A checkable button; the menu with smoothing is left out."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__("Show 3D", parent)
        self.setCheckable(True)
        self.setEnabled(False)
        self._node: Any = None
        self.clicked.connect(self._show)

    def setSegmentationNode(self, node: Any) -> None:
        self._node = node
        self.setEnabled(node is not None)
        self.setChecked(node is not None and node.GetSegmentation().ContainsRepresentation(_SURFACE))

    def segmentationNode(self) -> Any:
        return self._node

    def _show(self, checked: bool) -> None:
        if checked:
            self._node.CreateClosedSurfaceRepresentation()
        else:
            self._node.RemoveClosedSurfaceRepresentation()
