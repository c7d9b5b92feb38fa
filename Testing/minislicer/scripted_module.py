"""slicer.ScriptedLoadableModule: the base classes of scripted modules, after Slicer's documentation."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path
from typing import Any

import qt
import slicer

__all__ = [
    "ScriptedLoadableModule",
    "ScriptedLoadableModuleLogic",
    "ScriptedLoadableModuleTest",
    "ScriptedLoadableModuleWidget",
]


def _base_name(obj: Any, ending: str) -> str:
    return type(obj).__name__.removesuffix(ending)


class ScriptedLoadableModule:
    """Holds the metadata, which it writes to its parent."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent
        self.moduleName = type(self).__name__
        parent.title = self.moduleName
        parent.categories = []
        parent.dependencies = []
        parent.contributors = []
        parent.helpText = ""
        parent.acknowledgementText = ""

    def resourcePath(self, filename: str) -> str:
        return _resource_path(self.moduleName, filename)

    def getDefaultModuleDocumentationLink(self, docPage: str | None = None) -> str:
        return f"<p>See the documentation of {docPage or self.moduleName}.</p>"


class ScriptedLoadableModuleWidget:
    """The panel; its section "Reload & Test" is left out, use desktop.modules.reload(name)."""

    def __init__(self, parent: Any = None) -> None:
        self.moduleName = _base_name(self, "Widget")
        self.developerMode = False
        if parent is None:
            parent = slicer.qMRMLWidget()
            parent.setLayout(qt.QVBoxLayout())
            parent.setMRMLScene(slicer.mrmlScene)
        self.parent = parent
        self.layout = parent.layout()
        slicer.app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def _onModuleAboutToBeUnloaded(self, moduleName: str) -> None:
        if moduleName == self.moduleName:
            self.cleanup()

    def resourcePath(self, filename: str) -> str:
        return _resource_path(self.moduleName, filename)

    def setup(self) -> None:
        """Extended by modules."""

    def cleanup(self) -> None:
        """Extended by modules."""

    def onReload(self) -> None:
        slicer.util.reloadScriptedModule(self.moduleName)


class ScriptedLoadableModuleLogic:
    """Gives access to the node that keeps the parameters of a module in the scene."""

    def __init__(self, parent: Any = None) -> None:
        self.parent = parent
        self.moduleName = _base_name(self, "Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self) -> Any:
        """The existing parameter node, or a new one."""
        nodes = self.getAllParameterNodes()
        return nodes[0] if nodes else self.createParameterNode()

    def getAllParameterNodes(self) -> list[Any]:
        nodes = slicer.util.getNodesByClass("vtkMRMLScriptedModuleNode")
        return [node for node in nodes if node.GetModuleName() == self.moduleName]

    def createParameterNode(self) -> Any:
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        if self.isSingletonParameterNode:
            node.SetSingletonTag(self.moduleName)
        node.SetModuleName(self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return slicer.mrmlScene.AddNode(node)


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Base of the self-tests of a module."""

    messageDelay = 0

    def runTest(self) -> None:
        """Overridden by modules."""

    def delayDisplay(self, message: str, requestedDelay: int | None = None, msec: int | None = None) -> None:
        slicer.util.delayDisplay(message, msec or requestedDelay or self.messageDelay)


def _resource_path(module_name: str, filename: str) -> str:
    source = sys.modules[module_name].__file__
    return str(Path(source).parent / "Resources" / filename)
