"""qMRMLTableView: the content of a vtkMRMLTableNode."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from ..pythonqt.native import acts_native, native_property
from .base import SceneObserver


@acts_native
class qMRMLTableView(QtWidgets.QTableWidget):
    """Shows the table and follows its changes; editing is left out."""

    selectionChanged = QtCore.Signal()
    mrmlSceneChanged = QtCore.Signal(object)
    transposed = native_property(bool, "transposed", False)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._scene: Any = None
        self._observer = SceneObserver(self._refresh)
        self.setEditTriggers(QtWidgets.QAbstractItemView.NoEditTriggers)

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene
        self.mrmlSceneChanged.emit(scene)

    def mrmlScene(self) -> Any:
        return self._scene

    def mrmlTableNode(self) -> Any:
        return self._node

    def setMRMLTableNode(self, node: Any) -> None:
        if isinstance(node, str):
            node = self._scene.GetNodeByID(node) if self._scene is not None else None
        self._node = node
        self._observer.observe(node, ("ModifiedEvent",))
        self._refresh()

    def _refresh(self) -> None:
        self.clear()
        table = self._node.GetTable() if self._node is not None else None
        columns = table.GetNumberOfColumns() if table is not None else 0
        rows = table.GetNumberOfRows() if table is not None else 0
        self.setColumnCount(columns)
        self.setRowCount(rows)
        if table is None:
            return
        self.setHorizontalHeaderLabels([self._node.GetColumnName(column) or "" for column in range(columns)])
        for row in range(rows):
            for column in range(columns):
                self.setItem(row, column, QtWidgets.QTableWidgetItem(table.GetValue(row, column).ToString()))
