"""qMRMLTableView: the content of a vtkMRMLTableNode."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from ..pythonqt.native import acts_native, native_property
from .base import SceneObserver


@acts_native
class qMRMLTableView(QtWidgets.QTableView):
    """Shows the table and follows its changes; what is typed into a cell goes into the node unless that is locked."""

    selectionChanged = QtCore.Signal()
    mrmlSceneChanged = QtCore.Signal(object)
    transposed = native_property(bool, "transposed", False)
    firstRowLocked = native_property(bool, "firstRowLocked", False)
    firstColumnLocked = native_property(bool, "firstColumnLocked", False)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._scene: Any = None
        self._observer = SceneObserver(self._refresh)
        self._showing = False
        self.setModel(QtGui.QStandardItemModel(self))
        self.model().itemChanged.connect(self._typed)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selectionChanged.emit())

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene
        self.mrmlSceneChanged.emit(scene)

    def mrmlScene(self) -> Any:
        return self._scene

    def mrmlTableNode(self) -> Any:
        return self._node

    def tableModel(self) -> Any:
        return self.model()

    def setMRMLTableNode(self, node: Any) -> None:
        """A node or None; identifiers are not understood."""
        if node is not None and not node.IsA("vtkMRMLTableNode"):
            raise ValueError(f"expected a table node, got {node.GetClassName()}")
        self._node = node
        self._observer.observe(node, ("ModifiedEvent",))
        self._refresh()
        self.resizeColumnsToContents()
        self.selectionChanged.emit()

    def _typed(self, item: QtGui.QStandardItem) -> None:
        if not self._showing:
            self._node.SetCellText(item.row(), item.column(), item.text())

    def _refresh(self) -> None:
        self._showing = True
        try:
            self._show()
        finally:
            self._showing = False

    def _show(self) -> None:
        model = self.model()
        table = self._node.GetTable() if self._node is not None else None
        if table is None:
            model.clear()
            return
        columns = range(table.GetNumberOfColumns())
        if (model.rowCount(), model.columnCount()) == (table.GetNumberOfRows(), len(columns)):
            for row in range(table.GetNumberOfRows()):  # as in Slicer, so that what was chosen stays chosen
                for column in columns:
                    model.item(row, column).setText(table.GetValue(row, column).ToString())
                    model.item(row, column).setEditable(not self._node.GetLocked())
            model.setHorizontalHeaderLabels([self._node.GetColumnName(column) or "" for column in columns])
            return
        model.clear()
        model.setHorizontalHeaderLabels([self._node.GetColumnName(column) or "" for column in columns])
        for row in range(table.GetNumberOfRows()):
            items = [QtGui.QStandardItem(table.GetValue(row, column).ToString()) for column in columns]
            for item in items:
                item.setEditable(not self._node.GetLocked())
            model.appendRow(items)
