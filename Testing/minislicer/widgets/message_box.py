"""ctkMessageBox: a message box with a check box "don't show again"."""

from __future__ import annotations

from PySide6 import QtWidgets

from ..pythonqt.native import acts_native, native_property


@acts_native
class ctkMessageBox(QtWidgets.QMessageBox):
    """The check box is left out; its key is stored only."""

    dontShowAgain = native_property(bool, "dontShowAgain", False)
    dontShowAgainVisible = native_property(bool, "dontShowAgainVisible", False)
    dontShowAgainSettingsKey = native_property(str, "dontShowAgainSettingsKey", "")
