"""Applying PythonQt's rules and building the module ``qt``."""

from __future__ import annotations

import ctypes
import sys
import tempfile
import types

from PySide6 import QtCore, QtWidgets

from .attributes import install_attributes
from .properties import MODULES, install_properties
from .slot_errors import collect_uncaught

# PySide6's own inventions, which modules for Slicer must not rely on.
_NOT_IN_PYTHONQT = {"Signal", "Slot", "Property", "ClassInfo", "QEnum", "QFlag"}


def install() -> QtWidgets.QApplication:
    """The application with PythonQt's rules applied; repeated calls only return it."""
    application = QtWidgets.QApplication.instance()
    if "qt" in sys.modules and application is not None:
        return application
    if application is None:
        application = QtWidgets.QApplication(["minislicer"])
    if not isinstance(application, QtWidgets.QApplication):
        raise RuntimeError("A QCoreApplication exists already, which cannot show widgets: start the desktop first")
    _keep_constants_alive()
    application.setQuitOnLastWindowClosed(False)
    application.setStyle("Fusion")
    _keep_settings_out_of_the_home_directory(application)
    install_properties()
    install_attributes()
    QtWidgets.QDialog.exec_ = QtWidgets.QDialog.exec
    collect_uncaught()
    sys.modules["qt"] = _qt_module()
    return application


def _keep_constants_alive() -> None:
    """Let PySide6 6.12 give back references that it never took.

    It does so to None with every call that returns nothing, and to True whenever a signal is emitted or a slot
    disconnected. Python 3.11 counts these references and ends the process when there are none left; from 3.12 on
    constants are immortal.
    """
    if sys.version_info < (3, 12):
        for constant in (None, True, False):
            ctypes.c_ssize_t.from_address(id(constant)).value += 1 << 40


def _keep_settings_out_of_the_home_directory(application: QtWidgets.QApplication) -> None:
    application.setOrganizationName("minislicer")
    application.setApplicationName("minislicer")
    QtCore.QSettings.setDefaultFormat(QtCore.QSettings.IniFormat)
    folder = tempfile.mkdtemp(prefix="minislicer-settings-")
    QtCore.QSettings.setPath(QtCore.QSettings.IniFormat, QtCore.QSettings.UserScope, folder)


def _qt_module() -> types.ModuleType:
    """One flat module with the classes of QtCore, QtGui and QtWidgets."""
    qt = types.ModuleType("qt", "Qt as scripted modules of Slicer see it.")
    for module in MODULES:
        for name in dir(module):
            if not name.startswith("_") and name not in _NOT_IN_PYTHONQT:
                setattr(qt, name, getattr(module, name))
    return qt
