"""qMRMLNodeComboBox: a list of nodes that follows the scene."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from ..pythonqt.native import acts_native, native_property
from .base import SceneObserver, qMRMLWidget

_EVENTS = (
    "NodeAddedEvent",
    "NodeRemovedEvent",
    "EndCloseEvent",
    "EndImportEvent",
    "EndRestoreEvent",
)


@acts_native
class qMRMLNodeComboBox(qMRMLWidget):
    """Nodes of given types, "None" where it is allowed, and entries that create, rename or delete a node."""

    currentNodeChanged = QtCore.Signal(object)
    currentNodeIDChanged = QtCore.Signal(str)
    currentNodeRenamed = QtCore.Signal(str)
    nodeActivated = QtCore.Signal(object)
    nodeAdded = QtCore.Signal(object)
    nodeAddedByUser = QtCore.Signal(object)
    nodeAboutToBeRemoved = QtCore.Signal(object)
    nodeAboutToBeEdited = QtCore.Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._box = QtWidgets.QComboBox()
        layout.addWidget(self._box)
        self._entries: list[tuple[str, str | None]] = []
        self._current: str | None = None
        self._attributes: dict[str, list[tuple[str, str | None]]] = {}
        self._observer = SceneObserver(self._refresh)
        self._names = SceneObserver(self._renamed)
        self._box.activated.connect(self._activated)
        self._refresh()

    def _refresh_on_change(self, _value: Any) -> None:
        self._refresh()

    nodeTypes = native_property("QStringList", "nodeTypes", [], _refresh_on_change)
    hideChildNodeTypes = native_property("QStringList", "hideChildNodeTypes", [], _refresh_on_change)
    showHidden = native_property(bool, "showHidden", False, _refresh_on_change)
    showChildNodeTypes = native_property(bool, "showChildNodeTypes", True, _refresh_on_change)
    addEnabled = native_property(bool, "addEnabled", True, _refresh_on_change)
    removeEnabled = native_property(bool, "removeEnabled", True, _refresh_on_change)
    renameEnabled = native_property(bool, "renameEnabled", False, _refresh_on_change)
    editEnabled = native_property(bool, "editEnabled", False)
    noneEnabled = native_property(bool, "noneEnabled", False, _refresh_on_change)
    noneDisplay = native_property(str, "noneDisplay", "None", _refresh_on_change)
    baseName = native_property(str, "baseName", "")
    selectNodeUponCreation = native_property(bool, "selectNodeUponCreation", True)
    interactionNodeSingletonTag = native_property(str, "interactionNodeSingletonTag", "")

    def setNodeTypes(self, types: list[str]) -> None:
        self.nodeTypes = types

    def addAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        """Show nodes of this type only if they carry the attribute."""
        self._attributes.setdefault(node_type, []).append((name, None if value is None else str(value)))
        self._refresh()

    def currentNode(self) -> Any:
        return self._scene.GetNodeByID(self._current) if self._scene and self._current else None

    def setCurrentNode(self, node: Any) -> None:
        """A node, its identifier, or None."""
        self.setCurrentNodeID(node if isinstance(node, str) else node.GetID() if node is not None else "")

    def setCurrentNodeID(self, identifier: str | None) -> None:
        shown = [node.GetID() for node in self._nodes()]
        self._select(identifier if identifier in shown else None)

    currentNodeID = QtCore.Property(str, lambda self: self._current or "", setCurrentNodeID)

    def nodeCount(self) -> int:
        return len(self._nodes())

    def nodeFromIndex(self, index: int) -> Any:
        return self._nodes()[index]

    def addNode(self, node_type: str | None = None) -> Any:
        """What the entry "Create new ..." does."""
        node = self._scene.AddNewNodeByClass(node_type or self.nodeTypes[0], self.baseName)
        if self.selectNodeUponCreation:
            self._select(node.GetID())
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        node = self.currentNode()
        if node is not None:
            self.nodeAboutToBeRemoved.emit(node)
            self._scene.RemoveNode(node)

    def _scene_changed(self, before: Any) -> None:
        scene = self._scene
        self._observer.observe(scene, () if scene is None else tuple(getattr(scene, name) for name in _EVENTS))
        self._refresh()

    def _nodes(self) -> list[Any]:
        if self._scene is None:
            return []
        nodes = [self._scene.GetNthNode(index) for index in range(self._scene.GetNumberOfNodes())]
        return [node for node in nodes if self._shows(node)]

    def _shows(self, node: Any) -> bool:
        if node.GetHideFromEditors() and not self.showHidden:
            return False
        if any(node.IsA(hidden) for hidden in self.hideChildNodeTypes):
            return False
        for kind in self.nodeTypes:
            if node.IsA(kind) if self.showChildNodeTypes else node.GetClassName() == kind:
                required = self._attributes.get(kind, [])
                values = [(node.GetAttribute(name), value) for name, value in required]
                return all(found is not None and value in (None, found) for found, value in values)
        return False

    def _refresh(self) -> None:
        if self._scene is not None and (self._scene.IsImporting() or self._scene.IsClosing()):
            return  # the selector waits until a scene is loaded or closed completely, and for nothing else
        nodes = self._nodes()
        self._entries = [(self.noneDisplay, None)] if self.noneEnabled else []
        self._entries += [(node.GetName() or "", node.GetID()) for node in nodes]
        if self.addEnabled:
            self._entries += [(f"Create new {self._tag(kind)}", f"+{kind}") for kind in self.nodeTypes]
        self._box.blockSignals(True)
        self._box.clear()
        for text, _ in self._entries:
            self._box.addItem(text)
        self._box.blockSignals(False)
        identifiers = [node.GetID() for node in nodes]
        if self._current in identifiers:
            self._select(self._current)
        else:
            self._select(identifiers[0] if identifiers and not self.noneEnabled else None)

    def _tag(self, kind: str) -> str:
        node = self._scene.CreateNodeByClass(kind) if self._scene is not None else None
        if node is None:
            return kind
        node.UnRegister(None)
        return node.GetNodeTagName()

    def _select(self, identifier: str | None) -> None:
        changed, self._current = identifier != self._current, identifier
        row = next((row for row, (_, entry) in enumerate(self._entries) if entry == identifier), -1)
        self._box.blockSignals(True)
        self._box.setCurrentIndex(row)
        self._box.blockSignals(False)
        if changed:
            node = self.currentNode()
            self._names.observe(node, ("ModifiedEvent",))
            self.currentNodeIDChanged.emit(identifier or "")
            self.currentNodeChanged.emit(node)

    def _renamed(self) -> None:
        node = self.currentNode()
        if node is not None and self._box.currentText != node.GetName():
            self._refresh()
            self.currentNodeRenamed.emit(node.GetName())

    def _activated(self, row: int) -> None:
        entry = self._entries[row][1]
        if entry is not None and entry.startswith("+"):
            self.addNode(entry[1:])
        else:
            self._select(entry)
            self.nodeActivated.emit(self.currentNode())


@acts_native
class qMRMLSubjectHierarchyComboBox(QtWidgets.QComboBox):
    """A placeholder with the signal that panels connect to."""

    currentItemChanged = QtCore.Signal(int)
