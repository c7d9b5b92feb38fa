"""The main window: the module panel beside the views."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

_PANEL_WIDTH = 430


class ModuleSelector(QtCore.QObject):
    """Which module is shown; selecting one leaves the other."""

    moduleSelected = QtCore.Signal(str)

    def __init__(self, area: QtWidgets.QScrollArea) -> None:
        super().__init__()
        self._area = area
        self._selected = ""

    selectedModule = QtCore.Property(str, lambda self: self._selected)

    def selectModule(self, name: str) -> None:
        if name == self._selected:
            return
        panel = slicer.util.getModule(name).widgetRepresentation()
        self.clear()
        self._selected = name
        if panel is not None:
            self._area.setWidget(panel)
            panel.show()
            panel.enter()
        self.moduleSelected.emit(name)

    def clear(self) -> None:
        """Leave the module that is shown."""
        panel = self._area.takeWidget()
        self._selected = ""
        if panel is not None:
            panel.exit()
            panel.hide()
            panel.setParent(None)


class MainWindow(QtWidgets.QMainWindow):
    """Panel on the left; views on the right once they exist."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self.setWindowTitle("minislicer")
        self._splitter = QtWidgets.QSplitter()
        self._area = QtWidgets.QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarAlwaysOff)
        self._splitter.addWidget(self._area)
        self.setCentralWidget(self._splitter)
        self._selector = ModuleSelector(self._area)
        self.statusBar().showMessage("")

    def moduleSelector(self) -> ModuleSelector:
        return self._selector

    def pythonConsole(self) -> Any:
        return None

    def set_views(self, views: QtWidgets.QWidget) -> None:
        self._splitter.addWidget(views)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_PANEL_WIDTH, max(self.width - _PANEL_WIDTH, 400)])
