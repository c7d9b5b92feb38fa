"""ctkCollapsibleButton and ctkCollapsibleGroupBox: a heading that shows or hides what is below it."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from ..pythonqt.native import acts_native, native_property

_HEADING = 24
_UNLIMITED = 16777215


@acts_native
class ctkCollapsibleButton(QtWidgets.QWidget):
    """The sections of a panel."""

    contentsCollapsed = QtCore.Signal(bool)
    toggled = QtCore.Signal(bool)
    clicked = QtCore.Signal(bool)

    def __init__(self, text: Any = "", parent: QtWidgets.QWidget | None = None) -> None:
        if not isinstance(text, str):
            text, parent = "", text
        super().__init__(parent)
        self._collapsed = False
        self._hidden: list[QtWidgets.QWidget] = []
        self.text = text
        self.setContentsMargins(6, _HEADING + 3, 3, 3)
        self.setSizePolicy(QtWidgets.QSizePolicy.Preferred, QtWidgets.QSizePolicy.Preferred)

    text = native_property(str, "text", "", lambda self, text: self.update())
    contentsFrameShape = native_property(int, "contentsFrameShape", 0)
    contentsFrameShadow = native_property(int, "contentsFrameShadow", 0)
    contentsLineWidth = native_property(int, "contentsLineWidth", 1)
    collapsedHeight = native_property(int, "collapsedHeight", 0)
    flat = native_property(bool, "flat", False)

    def _is_collapsed(self) -> bool:
        return self._collapsed

    def setCollapsed(self, collapsed: bool) -> None:
        if bool(collapsed) == self._collapsed:
            return
        self._collapsed = bool(collapsed)
        self._show_contents()
        self.contentsCollapsed.emit(self._collapsed)
        self.toggled.emit(not self._collapsed)

    def setChecked(self, checked: bool) -> None:
        self.setCollapsed(not checked)

    def setText(self, text: str) -> None:
        self.text = text

    def toggle(self) -> None:
        self.setCollapsed(not self._collapsed)

    collapsed = QtCore.Property(bool, _is_collapsed, setCollapsed)
    checked = QtCore.Property(bool, lambda self: not self._collapsed, setChecked)

    def _show_contents(self) -> None:
        """Hide the children, and bring back only those that were hidden here."""
        if self._collapsed:
            children = [child for child in self.children() if isinstance(child, QtWidgets.QWidget)]
            self._hidden = [child for child in children if not child.isHidden()]
            for child in self._hidden:
                child.hide()
        else:
            for child in self._hidden:
                child.show()
            self._hidden = []
        self.setMaximumHeight(_HEADING + 4 if self._collapsed else _UNLIMITED)
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(50, _HEADING + 4) if self._collapsed else super().minimumSizeHint()

    def sizeHint(self) -> QtCore.QSize:
        hint = super().sizeHint()
        return QtCore.QSize(hint.width(), _HEADING + 4) if self._collapsed else hint

    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        if self._collapsed and not self._hidden:
            self._show_contents()

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        if event.position().y() < _HEADING and self.isEnabled():
            self.toggle()
            self.clicked.emit(not self._collapsed)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        option.rect = QtCore.QRect(0, 0, self.width, _HEADING)
        option.state |= QtWidgets.QStyle.State_Raised
        painter.drawControl(QtWidgets.QStyle.CE_PushButtonBevel, option)
        painter.drawText(option.rect.adjusted(24, 0, 0, 0), QtCore.Qt.AlignVCenter | QtCore.Qt.AlignLeft, self.text)
        arrow = QtWidgets.QStyleOption()
        arrow.initFrom(self)
        arrow.rect = QtCore.QRect(6, 6, 12, 12)
        style = QtWidgets.QStyle
        right, down = style.PE_IndicatorArrowRight, style.PE_IndicatorArrowDown
        painter.drawPrimitive(right if self._collapsed else down, arrow)
        if not self._collapsed:
            painter.setPen(self.palette.color(QtGui.QPalette.Mid))
            painter.drawRect(0, _HEADING, self.width - 1, self.height - _HEADING - 1)


@acts_native
class ctkCollapsibleGroupBox(ctkCollapsibleButton):
    """The same under the names of a group box."""

    title = native_property(str, "text", "", lambda self, text: self.update())

    def setTitle(self, title: str) -> None:
        self.title = title
