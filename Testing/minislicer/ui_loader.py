"""qt.QUiLoader for .ui files that were made for Slicer.

PySide6 knows neither ctk nor MRML, so three things are taken out of the XML and done after loading: the
connections (their signatures name vtkMRMLScene*), the properties of ctk and qMRML widgets, and
enumerators of theirs.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Any

from PySide6 import QtCore, QtUiTools, QtWidgets

from .pythonqt import connect, loading_a_form
from .widgets import find_class
from .widgets.registry import PREFIXES


@dataclass(frozen=True)
class _Enumerator:
    widget: str
    property: str
    value: str


class UiLoader(QtUiTools.QUiLoader):
    """Creates stand-ins for ctk, qMRML and qSlicer classes."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._created: list[QtWidgets.QWidget] = []

    def createWidget(self, class_name: str, parent: QtWidgets.QWidget | None = None, name: str = "") -> Any:
        cls = find_class(class_name)
        if cls is None:
            return super().createWidget(class_name, parent, name)
        widget = cls(parent) if parent is not None else cls()
        widget.setObjectName(name)
        # C++ owns only what has a parent, and Qt gives it one after this call.
        self._created.append(widget)
        return widget

    def load(self, device: QtCore.QIODevice, parent: QtWidgets.QWidget | None = None) -> Any:
        """The widget described by an open file; None if Qt cannot read it."""
        root = ElementTree.fromstring(bytes(device.readAll().data()))
        connections = _take_connections(root)
        enumerators = _take_foreign_enumerators(root)
        buffer = QtCore.QBuffer()
        buffer.setData(ElementTree.tostring(root))
        buffer.open(QtCore.QIODevice.ReadOnly)
        with loading_a_form():
            widget = super().load(buffer, parent)
        if widget is None:
            return None
        by_name = {child.objectName: child for child in reversed([widget, *widget.findChildren(QtCore.QObject)])}
        # The Python side of a widget must live as long as the widget does.
        created, self._created = self._created, []
        widget.destroyed.connect(lambda *_: created.clear())
        for enumerator in enumerators:
            _set_enumerator(by_name[enumerator.widget], enumerator)
        for sender, signal, receiver, slot in connections:
            connect(by_name[sender], signal, by_name[receiver], slot)
        return widget


def _take_connections(root: ElementTree.Element) -> list[tuple[str, str, str, str]]:
    connections = root.find("connections")
    if connections is None:
        return []
    root.remove(connections)
    tags = ("sender", "signal", "receiver", "slot")
    return [tuple(connection.findtext(tag, "") for tag in tags) for connection in connections]


def _take_foreign_enumerators(root: ElementTree.Element) -> list[_Enumerator]:
    """Enumerators and flags of widgets that Qt does not know, such as ctkPathLineEdit::Dirs."""
    taken = []
    for widget in root.iter("widget"):
        if not widget.get("class", "").startswith(PREFIXES):
            continue
        for item in list(widget.findall("property")):
            value = item.findtext("enum") or item.findtext("set") or ""
            if value.startswith(PREFIXES):
                widget.remove(item)
                taken.append(_Enumerator(widget.get("name", ""), item.get("name", ""), value))
    return taken


def _set_enumerator(widget: QtCore.QObject, enumerator: _Enumerator) -> None:
    """Names that the stand-in does not define are left at its default."""
    names = [part.rpartition("::")[2] for part in enumerator.value.split("|")]
    values = [getattr(type(widget), name, None) for name in names]
    if all(isinstance(value, int) for value in values):
        combined = 0
        for value in values:
            combined |= value
        setattr(widget, enumerator.property, combined)
