"""Widgets that know a MRML scene."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6 import QtCore, QtWidgets

from ..pythonqt.native import acts_native


@acts_native
class qMRMLWidget(QtWidgets.QWidget):
    """Base of everything that follows a scene; subclasses say what to do in _scene_changed()."""

    mrmlSceneChanged = QtCore.Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is self._scene:
            return
        before, self._scene = self._scene, scene
        self._scene_changed(before)
        self.mrmlSceneChanged.emit(scene)

    def _scene_changed(self, before: Any) -> None:
        """before is the scene that was observed until now, or None."""


@acts_native
class qSlicerWidget(qMRMLWidget):
    """What a .ui file made for Slicer has as its top-level widget."""


class SceneObserver:
    """Calls a method of a widget after each of some events of a scene or node, of one at a time.

    Qt may delete the widget while its Python side lives on; then the observation ends by itself.
    """

    def __init__(self, method: Any) -> None:
        self._method = method
        self._tags: list[tuple[Any, int]] = []

    def observe(self, scene: Any, events: tuple[str | int, ...]) -> None:
        for observed, tag in self._tags:
            observed.RemoveObserver(tag)
        self._tags = [] if scene is None else [(scene, scene.AddObserver(event, self._call)) for event in events]

    def _call(self, *_: Any) -> None:
        if shiboken6.isValid(self._method.__self__):
            self._method()
        else:
            self.observe(None, ())
