"""A Qt widget that shows an offscreen view."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

from .pythonqt.slot_errors import collect
from .views import OffscreenView, SliceView

_BAR = 4


class ViewWidget(QtWidgets.QWidget):
    """Draws the image anew at every paint, since not every change is told; the wheel moves through slices.

    Everything that Qt calls catches exceptions, because one in an override of a virtual method ends the
    process.
    """

    def __init__(self, view: OffscreenView, colour: str) -> None:
        super().__init__()
        self._view = view
        self._colour = QtGui.QColor(colour)
        self.setMinimumSize(160, 160)
        view.group.AddObserver("UpdateEvent", self.schedule)
        view.logic.AddObserver("ModifiedEvent", self.schedule)

    def schedule(self, *_: Any) -> None:
        """Draw soon."""
        self.update()

    def pixels(self) -> np.ndarray:
        """[row, column, RGB], uint8."""
        return self._view.image()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        try:
            self._view.resize(event.size().width(), event.size().height())
            self.schedule()
        except Exception as error:
            collect(error)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        try:
            pixels = self.pixels()
            rows, columns, _ = pixels.shape
            image = QtGui.QImage(pixels.data, columns, rows, pixels.strides[0], QtGui.QImage.Format_RGB888)
            painter = QtGui.QPainter(self)
            painter.drawImage(0, 0, image)
            painter.fillRect(0, 0, columns, _BAR, self._colour)
            painter.end()
        except Exception as error:
            collect(error)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        try:
            if isinstance(self._view, SliceView):
                step = self._view.logic.GetLowestVolumeSliceSpacing()[2]
                up = event.angleDelta().y() > 0
                self._view.logic.SetSliceOffset(self._view.logic.GetSliceOffset() + (step if up else -step))
                self._view.logic.SnapSliceOffsetToIJK()
        except Exception as error:
            collect(error)

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(300, 300)
