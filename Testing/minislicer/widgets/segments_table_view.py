"""qMRMLSegmentsTableView: the segments of a segmentation with visibility, colour, opacity and name."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from ..pythonqt.native import acts_native, native_property
from .base import SceneObserver, qMRMLWidget

_VISIBLE, _COLOUR, _OPACITY, _NAME = range(4)


@acts_native
class qMRMLSegmentsTableView(qMRMLWidget):
    """Names and visibility can be edited; sorting and filters are left out."""

    selectionChanged = QtCore.Signal(object, object)
    segmentsAboutToBeModified = QtCore.Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._table = QtWidgets.QTableWidget(0, 4)
        layout.addWidget(self._table)
        self._table.setHorizontalHeaderLabels(["Visible", "Color", "Opacity", "Name"])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().hide()
        self._table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectRows)
        for column, width in ((_VISIBLE, 54), (_COLOUR, 44), (_OPACITY, 56)):
            self._table.setColumnWidth(column, width)
        self._node: Any = None
        self._observer = SceneObserver(self._refresh)
        self._table.itemChanged.connect(self._edited)
        self._table.itemSelectionChanged.connect(lambda: self.selectionChanged.emit(None, None))

    selectionMode = native_property(int, "selectionMode", 3)
    headerVisible = native_property(
        bool, "headerVisible", True, lambda self, shown: self._table.horizontalHeader().setVisible(shown)
    )
    readOnly = native_property(bool, "readOnly", False)
    visibilityColumnVisible = native_property(
        bool, "visibilityColumnVisible", True, lambda self, shown: self._table.setColumnHidden(_VISIBLE, not shown)
    )
    colorColumnVisible = native_property(
        bool, "colorColumnVisible", True, lambda self, shown: self._table.setColumnHidden(_COLOUR, not shown)
    )
    opacityColumnVisible = native_property(
        bool, "opacityColumnVisible", True, lambda self, shown: self._table.setColumnHidden(_OPACITY, not shown)
    )
    statusColumnVisible = native_property(bool, "statusColumnVisible", False)

    def setSegmentationNode(self, node: Any) -> None:
        self._node = node
        self._observer.observe(node, ("AnyEvent",))
        self._refresh()

    def segmentationNode(self) -> Any:
        return self._node

    def selectedSegmentIDs(self) -> list[str]:
        return [self._identifier(index.row()) for index in self._table.selectionModel().selectedRows()]

    def setSelectedSegmentIDs(self, identifiers: list[str]) -> None:
        self._table.clearSelection()
        for row in range(self._table.rowCount):
            if self._identifier(row) in identifiers:
                self._table.selectRow(row)

    def segmentCount(self) -> int:
        return self._table.rowCount

    def _identifier(self, row: int) -> str:
        return self._table.item(row, _VISIBLE).data(QtCore.Qt.UserRole)

    def _refresh(self) -> None:
        self._table.blockSignals(True)
        self._table.setRowCount(0)
        segmentation = self._node.GetSegmentation() if self._node is not None else None
        for row in range(segmentation.GetNumberOfSegments() if segmentation is not None else 0):
            self._table.insertRow(row)
            self._fill(row, segmentation.GetNthSegmentID(row), segmentation.GetNthSegment(row))
        self._table.blockSignals(False)

    def _fill(self, row: int, identifier: str, segment: Any) -> None:
        display = self._node.GetDisplayNode()
        shown = display is None or display.GetSegmentVisibility(identifier)
        visible, colour = QtWidgets.QTableWidgetItem(), QtWidgets.QTableWidgetItem()
        visible.setData(QtCore.Qt.UserRole, identifier)
        visible.setCheckState(QtCore.Qt.Checked if shown else QtCore.Qt.Unchecked)
        colour.setBackground(QtGui.QBrush(QtGui.QColor.fromRgbF(*segment.GetColor())))
        opacity = display.GetSegmentOpacity3D(identifier) if display is not None else 1.0
        items = [visible, colour, QtWidgets.QTableWidgetItem(f"{opacity:.2f}")]
        for column, item in enumerate([*items, QtWidgets.QTableWidgetItem(segment.GetName())]):
            self._table.setItem(row, column, item)

    def _edited(self, item: QtWidgets.QTableWidgetItem) -> None:
        identifier = self._identifier(item.row())
        if item.column() == _VISIBLE:
            self._node.GetDisplayNode().SetSegmentVisibility(identifier, item.checkState() == QtCore.Qt.Checked)
        elif item.column() == _NAME:
            self._node.GetSegmentation().GetSegment(identifier).SetName(item.text())
