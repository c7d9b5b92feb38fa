"""Single-line inputs of ctk that Qt has nearly as they are."""

from __future__ import annotations

from PySide6 import QtCore, QtWidgets

from ..pythonqt.native import acts_native, native_property


@acts_native
class ctkComboBox(QtWidgets.QComboBox):
    """A combo box that shows a text while nothing is chosen."""

    defaultText = native_property(
        str, "defaultText", "", lambda self, text: QtWidgets.QComboBox.setPlaceholderText(self, text)
    )
    elideMode = native_property(int, "elideMode", QtCore.Qt.ElideNone)
    forceDefault = native_property(bool, "forceDefault", False)
    scrollWheelEffect = native_property(int, "scrollWheelEffect", 0)

    def setDefaultText(self, text: str) -> None:
        self.defaultText = text


@acts_native
class ctkCheckableComboBox(ctkComboBox):
    """A combo box whose items have check marks."""

    checkedIndexesChanged = QtCore.Signal()

    def checkState(self, index: QtCore.QModelIndex) -> int:
        value = index.data(QtCore.Qt.CheckStateRole)
        return QtCore.Qt.CheckState(value) if value is not None else QtCore.Qt.Unchecked

    def setCheckState(self, index: QtCore.QModelIndex, state: int) -> None:
        self.model().setData(index, QtCore.Qt.CheckState(state), QtCore.Qt.CheckStateRole)
        self.checkedIndexesChanged.emit()

    def checkedIndexes(self) -> list[QtCore.QModelIndex]:
        model = self.model()
        indexes = [model.index(row, 0) for row in range(model.rowCount())]
        return [index for index in indexes if self.checkState(index) == QtCore.Qt.Checked]


@acts_native
class ctkSearchBox(QtWidgets.QLineEdit):
    """A line edit with a button that clears it."""

    searchModeEnabled = native_property(bool, "searchModeEnabled", False)
    showSearchIcon = native_property(bool, "showSearchIcon", False)
    alwaysShowClearIcon = native_property(bool, "alwaysShowClearIcon", False)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setClearButtonEnabled(True)
        self.setPlaceholderText("Search...")


@acts_native
class ctkDoubleSpinBox(QtWidgets.QDoubleSpinBox):
    """A spin box; invertedControls and options on decimals are stored only."""

    valueIsChanging = QtCore.Signal(float)
    invertedControls = native_property(bool, "invertedControls", False)
    decimalsOption = native_property(int, "decimalsOption", 0)


@acts_native
class ctkPushButton(QtWidgets.QPushButton):
    """A push button; where text and icon are aligned is stored only."""

    buttonTextAlignment = native_property(int, "buttonTextAlignment", QtCore.Qt.AlignCenter)
    elideMode = native_property(int, "elideMode", QtCore.Qt.ElideNone)


@acts_native
class ctkFittedTextBrowser(QtWidgets.QTextBrowser):
    """A text browser; that it fits its height to the text is left out."""

    collapsed = native_property(bool, "collapsed", False)
    collapsible = native_property(bool, "collapsible", False)
    collapsibleText = native_property(str, "collapsibleText", "")
