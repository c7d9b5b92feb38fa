"""ctkPathLineEdit: a path with a button that opens a file dialog."""

from __future__ import annotations

from PySide6 import QtCore, QtWidgets

from ..pythonqt.native import acts_native, native_property


@acts_native
class ctkPathLineEdit(QtWidgets.QWidget):
    """filters are stored, but not enforced."""

    Dirs, Files, Drives, Readable, Writable, Executable = 1, 2, 4, 0x10, 0x20, 0x40
    NoDot, NoDotDot = 0x2000, 0x4000
    currentPathChanged = QtCore.Signal(str)
    validInputChanged = QtCore.Signal(bool)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._edit = QtWidgets.QLineEdit()
        self._button = QtWidgets.QToolButton()
        self._button.setText("...")
        layout.addWidget(self._edit)
        layout.addWidget(self._button)
        self._edit.textChanged.connect(self.currentPathChanged)
        self._button.clicked.connect(self.browse)

    nameFilters = native_property("QStringList", "nameFilters", [])
    settingKey = native_property(str, "settingKey", "")
    filters = native_property(int, "filters", 0)
    label = native_property(str, "label", "")
    showBrowseButton = native_property(
        bool, "showBrowseButton", True, lambda self, shown: self._button.setVisible(shown)
    )
    showHistoryButton = native_property(bool, "showHistoryButton", True)

    def setCurrentPath(self, path: str) -> None:
        self._edit.setText(str(path))

    currentPath = QtCore.Property(str, lambda self: self._edit.text, setCurrentPath)

    def browse(self) -> None:
        dialog = QtWidgets.QFileDialog
        if self.filters & self.Dirs and not self.filters & self.Files:
            path = dialog.getExistingDirectory(self, "", self.currentPath)
        else:
            path = dialog.getOpenFileName(self, "", self.currentPath, ";;".join(self.nameFilters))
        # PythonQt returns the path, PySide6 a pair of path and filter.
        path = path[0] if isinstance(path, tuple) else path
        if path:
            self.setCurrentPath(path)

    def addCurrentPathToHistory(self) -> None:
        """The history is left out."""


@acts_native
class ctkDirectoryButton(QtWidgets.QPushButton):
    """A button that shows the chosen folder."""

    directoryChanged = QtCore.Signal(str)
    directorySelected = QtCore.Signal(str)

    def setDirectory(self, directory: str) -> None:
        """A relative path is one below the working directory."""
        directory = QtCore.QDir(directory).absolutePath()
        if directory != self.text:
            self.setText(directory)
            self.directoryChanged.emit(directory)

    directory = QtCore.Property(str, lambda self: self.text, setDirectory)
