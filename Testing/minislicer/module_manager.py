"""slicer.app.moduleManager(): loading modules from files, and the list of those that are loaded."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore

from .scripted_module_objects import qSlicerScriptedLoadableModule


class CppModule:
    """A module of C++, such as slicer.modules.volumes: it has a logic and no panel."""

    def __init__(self, name: str, logic: Any) -> None:
        self.name = name
        self.title = name
        self.path = ""
        self._logic = logic

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> None:
        """Panels of C++ modules are left out."""


class ModuleManager(QtCore.QObject):
    """Knows every module by name; scripted ones come from load()."""

    moduleAboutToBeUnloaded = QtCore.Signal(str)
    moduleLoaded = QtCore.Signal(str)
    modulesLoaded = QtCore.Signal(list)

    def __init__(self, cpp_logics: dict[str, Any]) -> None:
        super().__init__()
        self._modules: dict[str, Any] = {}
        self._added_paths: list[str] = []
        for name, logic in cpp_logics.items():
            self._register(name, CppModule(name, logic))

    def load(self, path: str | Path) -> qSlicerScriptedLoadableModule:
        """Load a scripted module; its panel is not built before it is asked for."""
        path = Path(path).resolve()
        name = path.stem
        if name in self._modules:
            raise ValueError(f"A module named {name} is loaded already; unload it or reload it")
        folder = str(path.parent)
        if folder not in sys.path:
            sys.path.insert(0, folder)
            self._added_paths.append(folder)
        source = _execute(name, path)
        module = qSlicerScriptedLoadableModule(path)
        instance = getattr(source, name)(module)
        missing = [needed for needed in module.dependencies if needed not in self._modules]
        if missing:
            raise RuntimeError(f"{name} depends on {', '.join(missing)}: load that first")
        self._register(name, module)
        setattr(slicer.modules, f"{name}Instance", instance)
        self.moduleLoaded.emit(name)
        # In Slicer modules are loaded before the start is complete, so each gets the signal once.
        slicer.app.startupCompleted.emit()
        slicer.app.disconnect("startupCompleted()")
        return module

    def reload(self, name: str) -> Any:
        """Press the button Reload; returns the new widget object."""
        self._modules[name].widgetRepresentation().self().onReload()
        return self._modules[name].widgetRepresentation().self()

    def unload_scripted(self) -> None:
        """Close and forget all scripted modules, so that the next test starts without them."""
        for name in [
            name for name, module in self._modules.items() if isinstance(module, qSlicerScriptedLoadableModule)
        ]:
            module = self._modules[name]
            module.close()
            del self._modules[name]
            for attribute in (name.lower(), f"{name}Widget", f"{name}Instance"):
                vars(slicer.modules).pop(attribute, None)
            vars(slicer.moduleNames).pop(name, None)
            getattr(slicer, "selfTests", {}).pop(name, None)
            sys.modules.pop(name, None)
            # Forget nothing twice: cleanup was called, so the signal has no listener to call it again.
            self.disconnect("moduleAboutToBeUnloaded(QString)")
        for folder in self._added_paths:
            sys.path.remove(folder)
        self._added_paths.clear()

    def module(self, name: str) -> Any:
        return self._modules.get(name)

    def factoryManager(self) -> ModuleManager:
        return self

    def loadedModuleNames(self) -> list[str]:
        return list(self._modules)

    modulesNames = loadedModuleNames

    def isLoaded(self, name: str) -> bool:
        return name in self._modules

    def _register(self, name: str, module: Any) -> None:
        self._modules[name] = module
        setattr(slicer.modules, name.lower(), module)
        setattr(slicer.moduleNames, name, name)


def _execute(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python file")
    source = importlib.util.module_from_spec(spec)
    sys.modules[name] = source
    try:
        spec.loader.exec_module(source)
    except BaseException:
        del sys.modules[name]
        raise
    return source
