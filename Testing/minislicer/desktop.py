"""The stand-in as a whole: starting it, showing a module, and taking everything back for the next test."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore

from . import pythonqt
from .dialogs import Dialogs
from .mrml_core import MrmlCore
from .widgets import PLACEHOLDERS, find_class
from .widgets.registry import CtkModule

_PACKAGE = __package__
_USUAL_SIZE = (1280, 800)  # pixels
# Modules of Slicer's Python that are not in the wheel, and what stands for them here.
_MODULES = {
    "slicer.i18n": "translation",
    "slicer.packaging": "packaging",
    "slicer.ScriptedLoadableModule": "scripted_module",
    "SampleData": "sample_data",
}


class Desktop:
    """One per process, because Qt and the module ``slicer`` are; reset() gives the next test a fresh one."""

    _instance: Desktop | None = None

    @classmethod
    def instance(cls) -> Desktop:
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    def __init__(self) -> None:
        self.qt_application = pythonqt.install()
        from .ui_loader import UiLoader

        sys.modules["qt"].QUiLoader = UiLoader
        sys.modules["ctk"] = CtkModule("ctk")
        self.core = MrmlCore()
        slicer.mrmlScene = self.core.scene
        slicer.modules = sys.modules["slicer.modules"] = types.ModuleType("slicer.modules")
        slicer.moduleNames = types.SimpleNamespace()
        slicer.__getattr__ = _slicer_attribute
        self._start_application()
        self.dialogs = Dialogs()
        self.errors_while_closing: list[pythonqt.SlotError] = []
        self._layout_manager: Any = None

    def _start_application(self) -> None:
        from .application import Application
        from .main_window import MainWindow
        from .module_manager import ModuleManager
        from .scripted_module_objects import qSlicerScriptedLoadableModule, qSlicerScriptedLoadableModuleWidget
        from .subject_hierarchy import SubjectHierarchyItems

        slicer.app = self.app = Application(self.qt_application, self.core)
        slicer.qSlicerScriptedLoadableModule = qSlicerScriptedLoadableModule
        slicer.qSlicerScriptedLoadableModuleWidget = qSlicerScriptedLoadableModuleWidget
        _provide_modules()
        self.modules = ModuleManager(self.core.logics)
        self._items = SubjectHierarchyItems(self.core.scene)
        self.window = MainWindow()
        self.app.use(self.modules, self.add_views)

    @property
    def slot_errors(self) -> list[pythonqt.SlotError]:
        """Exceptions that Qt would only have printed."""
        return pythonqt.SLOT_ERRORS

    @property
    def placeholders(self) -> set[str]:
        """Widget classes that were asked for and are not imitated."""
        return PLACEHOLDERS

    def add_views(self) -> Any:
        """The layout manager, whose views are made on the first call, and are out of sight from a reset to the next."""
        if self._layout_manager is None:
            from .layout_manager import LayoutManager

            self._layout_manager = LayoutManager()
            self.window.set_views(self._layout_manager.viewport())
        elif not self._layout_manager.viewport().isVisibleTo(self.window):
            self._layout_manager.viewport().show()
            self.window.set_views(self._layout_manager.viewport())  # with the width that new views have
        return self._layout_manager

    def show(self, module: Any, size: tuple[int, int] = _USUAL_SIZE) -> Any:
        """Open the main window with this module in it; returns the module's widget object."""
        self.open_window(size)
        widget = module.enter()
        self.process_events()
        return widget

    def open_window(self, size: tuple[int, int] = _USUAL_SIZE) -> None:
        """Show the main window with this size in pixels; views have theirs only in a window that is shown."""
        self.window.show()
        self.process_events()  # until then the window keeps to the least size of what it has shown before
        self.window.resize(*size)
        self.process_events()

    def screenshot(self, path: str | Path, widget: Any = None) -> Path:
        """A PNG of a widget, or of the whole window."""
        self.process_events()
        if not (widget or self.window).grab().save(str(path)):
            raise OSError(f"Could not write {path}")
        return Path(path)

    def process_events(self, rounds: int = 3) -> None:
        """Let layouts settle: one round lays out, the next paints."""
        for _ in range(rounds):
            self.qt_application.processEvents()

    def wait_until(self, condition: Callable[[], Any], seconds: float = 20.0) -> None:
        """Run the event loop until the condition holds; TimeoutError if it does not come true in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"Nothing happened within {seconds:g} s")
            self.qt_application.processEvents()
            time.sleep(0.005)

    def _put_views_away(self) -> None:
        """Hide the views, with the size that they have in a window of the usual one.

        A window with views cannot be as narrow as one without.
        """
        self.window.resize(*_USUAL_SIZE)
        self.process_events()
        self._layout_manager.viewport().hide()

    def reset(self) -> None:
        """Close modules, empty the scene, and forget dialogs, errors and installations.

        What went wrong in doing so stays in errors_while_closing.
        """
        self.slot_errors.clear()
        self.window.moduleSelector().clear()
        self.modules.unload_scripted()
        if self._layout_manager is not None:
            self._layout_manager.reset()
            self._put_views_away()
        self.core.scene.Clear(False)
        self.window.hide()
        self.dialogs.clear()
        sys.modules["slicer.packaging"].forget()
        vars(slicer.modules).pop("sampleDataSources", None)
        vars(slicer.modules).pop("sampleDataSourceCategories", None)
        self.process_events()
        # Without a running event loop, deleteLater() waits for ever.
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
        self.errors_while_closing = list(self.slot_errors)
        self.slot_errors.clear()


def _slicer_attribute(name: str) -> Any:
    """slicer.qMRMLNodeComboBox and the like."""
    cls = find_class(name) if name.startswith(("qMRML", "qSlicer")) else None
    if cls is None:
        raise AttributeError(f"module 'slicer' has no attribute {name!r}")
    return cls


def _provide_modules() -> None:
    for name, file in _MODULES.items():
        _provide(name, f"{_PACKAGE}.{file}")
    if importlib.util.find_spec(f"{_PACKAGE}.parameter_node") is not None:
        _provide("slicer.parameterNodeWrapper", f"{_PACKAGE}.parameter_node")


def _provide(name: str, implementation: str) -> None:
    module = importlib.import_module(implementation)
    sys.modules[name] = module
    if name.startswith("slicer."):
        setattr(slicer, name.removeprefix("slicer."), module)
