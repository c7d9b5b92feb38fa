"""slicer.ScriptedLoadableModule: the base classes of scripted modules, after Slicer's documentation."""

from __future__ import annotations

import importlib
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

_NODE_CLASS = "vtkMRMLScriptedModuleNode"
_ATTRIBUTE = "ModuleName"


class ScriptedLoadableModule:
    """Holds the metadata, which it writes to its parent; an icon named like the module is found by itself."""

    def __init__(self, parent: Any) -> None:
        super().__init__()
        self.parent = parent
        self.moduleName = type(self).__name__
        parent.title = ""
        parent.categories = []
        parent.dependencies = []
        parent.contributors = []
        parent.helpText = ""
        parent.acknowledgementText = ""
        icons = [self.resourcePath(f"Icons/{self.moduleName}{ending}") for ending in (".svg", ".png")]
        found = [icon for icon in icons if Path(icon).is_file()]
        if found:
            parent.icon = qt.QIcon(found[0])
        if not hasattr(slicer, "selfTests"):
            slicer.selfTests = {}
        slicer.selfTests[self.moduleName] = self.runTest

    def resourcePath(self, filename: str) -> str:
        return _resource(self.parent.path, filename)

    def getDefaultModuleDocumentationLink(self, docPage: str | None = None) -> str:
        return f"<p>For more information, see the online documentation of {docPage or self.moduleName}.</p>"

    def runTest(self, msec: int = 100, **options: Any) -> None:
        """Run the class <name>Test of the module, which may have been read anew since."""
        test_class = getattr(importlib.import_module(type(self).__module__), f"{self.moduleName}Test")
        test = test_class()
        test.messageDelay = msec
        test.runTest(**options)


class ScriptedLoadableModuleWidget:
    """The panel; its section "Reload & Test" is left out, use desktop.modules.reload(name)."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()  # of a class that is mixed in, too
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = False
        stands_alone = parent is None
        if stands_alone:
            parent = slicer.qMRMLWidget()
            parent.setLayout(qt.QVBoxLayout())
            parent.setMRMLScene(slicer.mrmlScene)
        self.parent = parent
        self.layout = parent.layout()
        if stands_alone:
            self.setup()
            parent.show()
        slicer.app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def _onModuleAboutToBeUnloaded(self, moduleName: str) -> None:
        if moduleName == self.moduleName:
            self.cleanup()
            manager = slicer.app.moduleManager()
            manager.disconnect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def resourcePath(self, filename: str) -> str:
        return _resource(slicer.util.modulePath(self.moduleName), filename)

    def setup(self) -> None:
        """Extended by modules."""

    def cleanup(self) -> None:
        """Extended by modules."""

    def onReload(self) -> None:
        """What the button "Reload" does."""
        slicer.util.reloadScriptedModule(self.moduleName)


class ScriptedLoadableModuleLogic:
    """Gives access to the node that keeps the parameters of a module in the scene."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self) -> Any:
        """The existing parameter node, or a new one.

        A singleton is found by its tag, which it keeps when a scene is loaded over it; others by an attribute.
        """
        if self.isSingletonParameterNode:
            found = slicer.mrmlScene.GetSingletonNode(self.moduleName, _NODE_CLASS)
        else:
            found = next(iter(self.getAllParameterNodes()), None)
        if found is None:
            return slicer.mrmlScene.AddNode(self.createParameterNode())
        if found.GetAttribute(_ATTRIBUTE) != self.moduleName:
            found.SetAttribute(_ATTRIBUTE, self.moduleName)
        return found

    def getAllParameterNodes(self) -> list[Any]:
        nodes = slicer.util.getNodesByClass(_NODE_CLASS)
        return [node for node in nodes if node.GetAttribute(_ATTRIBUTE) == self.moduleName]

    def createParameterNode(self) -> Any:
        """A new node, which is not in the scene yet."""
        node = slicer.mrmlScene.CreateNodeByClass(_NODE_CLASS)
        node.UnRegister(None)
        if self.isSingletonParameterNode:
            node.SetSingletonTag(self.moduleName)
        node.SetAttribute(_ATTRIBUTE, self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Base of the self-tests of a module; screenshots are left out."""

    messageDelay = 0

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        names = [name for name in dir(self) if "test" in name and name != "moduleTestNames"]
        self.moduleTestNames = [name for name in names if callable(getattr(self, name))]

    def runTest(self) -> None:
        """Every method with "test" in its name, unless a module says otherwise."""
        self.setUpClass()
        for name in self.moduleTestNames:
            self.setUp()
            getattr(self, name)()
            self.tearDown()
        self.tearDownClass()

    def delayDisplay(self, message: str, requestedDelay: int | None = None, msec: int | None = None) -> None:
        slicer.util.delayDisplay(message, self.messageDelay)


def _resource(module_path: str, filename: str) -> str:
    return str(Path(module_path).parent / "Resources" / filename)
