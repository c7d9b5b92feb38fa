"""The C++ side of a scripted module: what its classes get as their parent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from .pythonqt import acts_native, native_property
from .widgets.base import qMRMLWidget


@acts_native
class qSlicerScriptedLoadableModuleWidget(qMRMLWidget):
    """The panel; self() is the module's own widget object."""

    def __init__(self, module_name: str) -> None:
        super().__init__()
        self._module_name = module_name
        self._python: Any = None
        self._entered = False
        QtWidgets.QVBoxLayout(self)
        self.setObjectName(f"{module_name}ModuleWidget")
        self.setMRMLScene(slicer.mrmlScene)

    moduleName = QtCore.Property(str, lambda self: self._module_name)
    isEntered = QtCore.Property(bool, lambda self: self._entered)

    def self(self) -> Any:
        return self._python

    def build(self) -> None:
        """Make the module's widget object and call its setup(); an exception there reaches the test."""
        cls = getattr(sys.modules[self._module_name], f"{self._module_name}Widget")
        self._python = cls(self)
        setattr(slicer.modules, f"{self._module_name}Widget", self._python)
        self._python.setup()

    def enter(self) -> None:
        if not self._entered:
            self._entered = True
            self._call("enter")

    def exit(self) -> None:
        if self._entered:
            self._entered = False
            self._call("exit")

    def reload(self) -> None:
        """Called by slicer.util.reloadScriptedModule() after it read the source anew and cleaned up.

        The new widget object is not entered, even if the panel is shown: setup() has to do what is needed.
        """
        self.build()

    def _call(self, name: str) -> None:
        method = getattr(self._python, name, None)
        if method is not None:
            method()


@acts_native
class qSlicerScriptedLoadableModule(QtCore.QObject):
    """Metadata of one module; slicer.modules.<name> and the parent of the module's class."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._panel: qSlicerScriptedLoadableModuleWidget | None = None
        self.setObjectName(f"{path.stem}Module")

    title = native_property(str, "title", "")
    categories = native_property("QStringList", "categories", [])
    dependencies = native_property("QStringList", "dependencies", [])
    contributors = native_property("QStringList", "contributors", [])
    associatedNodeTypes = native_property("QStringList", "associatedNodeTypes", [])
    helpText = native_property(str, "helpText", "")
    acknowledgementText = native_property(str, "acknowledgementText", "")
    icon = native_property("QVariant", "icon", None)
    index = native_property(int, "index", -1)
    hidden = native_property(bool, "hidden", False)
    widgetRepresentationCreationEnabled = native_property(bool, "widgetRepresentationCreationEnabled", True)
    path = QtCore.Property(str, lambda self: str(self._path))
    # QObject.name would be the object name; in Slicer a module's name is its own property.
    name = QtCore.Property(str, lambda self: self._path.stem)

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget:
        """The panel, made on the first call as in Slicer."""
        if self._panel is None:
            self._panel = self.createNewWidgetRepresentation()
        return self._panel

    def createNewWidgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget:
        panel = qSlicerScriptedLoadableModuleWidget(self._path.stem)
        panel.build()
        return panel

    def logic(self) -> None:
        """The C++ logic, which a scripted module does not have; use slicer.util.getModuleLogic()."""

    def enter(self) -> Any:
        """Show the module as if the user chose it; returns the module's widget object."""
        slicer.util.selectModule(self._path.stem)
        return self.widgetRepresentation().self()

    def exit(self) -> None:
        """Leave the module as if the user chose another one; nothing happens if it is not shown."""
        selector = slicer.util.moduleSelector()
        if selector.selectedModule == self._path.stem:
            selector.clear()

    def close(self) -> None:
        """What happens when the application ends."""
        panel, self._panel = self._panel, None
        if panel is not None:
            panel.exit()
            if hasattr(panel.self(), "cleanup"):
                panel.self().cleanup()
            panel.setMRMLScene(None)
            panel.hide()
            panel.setParent(None)
            panel.deleteLater()
