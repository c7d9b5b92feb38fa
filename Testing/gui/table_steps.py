"""Typing into tables as a user does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6 import QtCore, QtTest, QtWidgets

if TYPE_CHECKING:
    from Testing.minislicer.desktop import Desktop


def type_into_cell(desktop: Desktop, table_view: Any, text: str, row: int = 0, column: int = 1) -> None:
    """Double click a cell, which must be on the screen, type and press the return key."""
    desktop.process_events()
    assert table_view.visible
    where = table_view.visualRect(table_view.model().index(row, column)).center()
    for click in (QtTest.QTest.mouseClick, QtTest.QTest.mouseDClick):
        click(table_view.viewport(), QtCore.Qt.LeftButton, QtCore.Qt.NoModifier, where)
    desktop.process_events()
    typed_into = table_view.findChild(QtWidgets.QLineEdit) or table_view
    QtTest.QTest.keyClicks(typed_into, text)
    QtTest.QTest.keyClick(typed_into, QtCore.Qt.Key_Return)
    desktop.process_events()
