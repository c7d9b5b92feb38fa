"""qMRMLSegmentationShow3DButton: make and show the surfaces of a segmentation."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtWidgets

from ..pythonqt.native import acts_native
from .base import SceneObserver

_SURFACE = "Closed surface"


@acts_native
class qMRMLSegmentationShow3DButton(QtWidgets.QPushButton):
    """A checkable button that follows the segmentation; the menu with smoothing is left out."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__("Show 3D", parent)
        self.setCheckable(True)
        self.setEnabled(False)
        self._node: Any = None
        self._observer = SceneObserver(self._follow)
        self.toggled.connect(self._show)

    def setSegmentationNode(self, node: Any) -> None:
        self._node = node
        segmentation = slicer.vtkSegmentation
        self._observer.observe(
            node,
            (
                "ModifiedEvent",
                segmentation.SegmentAdded,
                segmentation.SegmentRemoved,
                segmentation.ContainedRepresentationNamesModified,
            ),
        )
        self._follow()

    def segmentationNode(self) -> Any:
        return self._node

    def _follow(self) -> None:
        """Without segments there is nothing to show; without a segmentation the button keeps its state."""
        segmentation = self._node.GetSegmentation() if self._node is not None else None
        self.setEnabled(
            segmentation is not None
            and segmentation.GetNumberOfSegments() > 0
            and segmentation.GetSourceRepresentationName() != _SURFACE
        )
        if segmentation is not None:
            blocked = self.blockSignals(True)
            self.setChecked(segmentation.ContainsRepresentation(_SURFACE))
            self.blockSignals(blocked)

    def _show(self, on: bool) -> None:
        if self._node is None or self._node.GetSegmentation() is None:
            return
        if on:
            self._node.CreateClosedSurfaceRepresentation()
        else:
            self._node.RemoveClosedSurfaceRepresentation()
