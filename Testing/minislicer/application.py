"""slicer.app: the scene, the folders and the signals of the application."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from .io_manager import CoreIOManager
from .mrml_core import MrmlCore


class Application(QtCore.QObject):
    """What qSlicerApplication offers; clipboard(), topLevelWidgets() and so on are passed on to QApplication."""

    startupCompleted = QtCore.Signal()
    mrmlSceneChanged = QtCore.Signal(object)
    lastWindowClosed = QtCore.Signal()

    def __init__(self, qt_application: QtWidgets.QApplication, core: MrmlCore) -> None:
        super().__init__()
        self._qt = qt_application
        self._core = core
        self._io = CoreIOManager(core.scene, core.application_logic, core.logics)
        self._module_manager: Any = None
        self._layout_manager: Callable[[], Any] = lambda: None
        self.applicationName = "Slicer"
        self.applicationVersion = "5.12.0"
        self.majorVersion, self.minorVersion, self.revision = 5, 12, "minislicer"
        self.os = {"linux": "linux", "darwin": "macosx", "win32": "win"}.get(sys.platform, sys.platform)
        self.temporaryPath = tempfile.mkdtemp(prefix="minislicer-")
        self.slicerHome = self.extensionsInstallPath = self.defaultScenePath = self.temporaryPath
        self.launcherExecutableFilePath = ""

    def use(self, module_manager: Any, layout_manager: Callable[[], Any]) -> None:
        """Parts that themselves need the application; the layout manager is made on first use."""
        self._module_manager = module_manager
        self._layout_manager = layout_manager

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._qt, name)

    def mrmlScene(self) -> Any:
        return self._core.scene

    def applicationLogic(self) -> Any:
        return self._core.application_logic

    def moduleLogic(self, name: str) -> Any:
        return self._core.logics.get(name)

    def coreIOManager(self) -> CoreIOManager:
        return self._io

    ioManager = coreIOManager

    def moduleManager(self) -> Any:
        return self._module_manager

    def layoutManager(self) -> Any:
        return self._layout_manager()

    def testingEnabled(self) -> bool:
        """False, so that dialogs are asked for, and recorded, as a user would see them."""
        return False

    def processEvents(self, *_: Any) -> None:
        self._qt.processEvents()

    def setOverrideCursor(self, cursor: Any) -> None:
        self._qt.setOverrideCursor(QtGui.QCursor(cursor))

    def restoreOverrideCursor(self) -> None:
        self._qt.restoreOverrideCursor()

    def pauseRender(self) -> None:
        """Views are drawn when Qt paints, so there is nothing to pause."""

    def resumeRender(self) -> None:
        """See pauseRender()."""

    def settings(self) -> QtCore.QSettings:
        return QtCore.QSettings()

    userSettings = revisionUserSettings = settings

    def pythonConsole(self) -> None:
        """There is no console."""

    def commandOptions(self) -> None:
        """There are no command line options."""
