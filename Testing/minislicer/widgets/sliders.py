"""ctkSliderWidget and its relatives: a slider beside a spin box."""

from __future__ import annotations

from PySide6 import QtCore, QtWidgets

from ..pythonqt.native import acts_native, native_property
from .base import qMRMLWidget

_STEPS = 1000


class _Sliding:
    """A slider and a spin box of one value; the spin box holds it, so no digit is lost to the slider's steps."""

    def _build(self) -> None:
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._slider = QtWidgets.QSlider(QtCore.Qt.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._box = QtWidgets.QDoubleSpinBox()
        self._box.setRange(0, 100)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._box)
        self._box.valueChanged.connect(self._box_changed)
        self._slider.sliderMoved.connect(self._slider_moved)

    def _box_changed(self, value: float) -> None:
        self._follow()
        self.valueChanged.emit(value)

    def _follow(self) -> None:
        extent = (self._box.maximum - self._box.minimum) or 1.0
        self._slider.setValue(round(_STEPS * (self._box.value - self._box.minimum) / extent))

    def _slider_moved(self, step: int) -> None:
        self._box.setValue(self._box.minimum + step / _STEPS * (self._box.maximum - self._box.minimum))

    def setValue(self, value: float) -> None:
        self._box.setValue(value)

    def setMinimum(self, value: float) -> None:
        self._box.setMinimum(value)
        self._follow()

    def setMaximum(self, value: float) -> None:
        self._box.setMaximum(value)
        self._follow()

    def setRange(self, minimum: float, maximum: float) -> None:
        self._box.setRange(minimum, maximum)
        self._follow()

    def setSingleStep(self, value: float) -> None:
        self._box.setSingleStep(value)

    def setDecimals(self, value: int) -> None:
        self._box.setDecimals(value)

    def setSuffix(self, text: str) -> None:
        self._box.setSuffix(text)

    def setPrefix(self, text: str) -> None:
        self._box.setPrefix(text)


def _slider_class(name: str, base: type, documentation: str) -> type:
    """Qt collects properties and signals per class, so they are made for each class anew."""
    content = {
        "__doc__": documentation,
        "__module__": __name__,
        "valueChanged": QtCore.Signal(float),
        "valueIsChanging": QtCore.Signal(float),
        "value": QtCore.Property(float, lambda self: self._box.value, _Sliding.setValue),
        "minimum": QtCore.Property(float, lambda self: self._box.minimum, _Sliding.setMinimum),
        "maximum": QtCore.Property(float, lambda self: self._box.maximum, _Sliding.setMaximum),
        "singleStep": QtCore.Property(float, lambda self: self._box.singleStep, _Sliding.setSingleStep),
        "decimals": QtCore.Property(int, lambda self: self._box.decimals, _Sliding.setDecimals),
        "suffix": QtCore.Property(str, lambda self: self._box.suffix, _Sliding.setSuffix),
        "prefix": QtCore.Property(str, lambda self: self._box.prefix, _Sliding.setPrefix),
        "pageStep": native_property(float, "pageStep", 1.0),
        "tracking": native_property(bool, "tracking", True),
        "tickInterval": native_property(float, "tickInterval", 0.0),
        "spinBoxVisible": native_property(
            bool, "spinBoxVisible", True, lambda self, shown: self._box.setVisible(shown)
        ),
        "quantity": native_property(str, "quantity", ""),
    }

    def initialize(self: _Sliding, parent: QtWidgets.QWidget | None = None) -> None:
        base.__init__(self, parent)
        self._build()

    content["__init__"] = initialize
    return acts_native(type(name, (_Sliding, base), content))


ctkSliderWidget = _slider_class("ctkSliderWidget", QtWidgets.QWidget, "A slider with a spin box.")
qMRMLSliderWidget = _slider_class("qMRMLSliderWidget", qMRMLWidget, "The same, with units from the scene left out.")
