"""How a widget shows a parameter's value.

Properties are reached through Qt's meta-object, which works with and without PythonQt's attribute access.
"""

from __future__ import annotations

import logging
import pathlib
from collections.abc import Callable
from enum import Enum
from typing import Any

from .annotations import Decimals, SingleStep
from .serializers import Serializer
from .validators import Choice, Maximum, Minimum, WithinRange

_LARGEST_INT = 2**31 - 1


def _has(widget: Any, name: str) -> bool:
    return widget.metaObject().indexOfProperty(name) >= 0


def _get(widget: Any, name: str) -> Any:
    if _has(widget, name):
        return widget.property(name)
    value = getattr(widget, name)
    return value() if callable(value) else value


def _set(widget: Any, name: str, value: Any) -> None:
    if not _has(widget, name):
        getattr(widget, f"set{name[0].upper()}{name[1:]}")(value)
    elif not widget.setProperty(name, value):
        raise TypeError(f"{type(widget).__name__}.{name} does not take {value!r}")


class Connector:
    """Shows a value as one property of a widget, and hears one signal of it."""

    def __init__(self, widget: Any, serializer: Serializer, *, shows: str, signals: tuple[str, ...] = ()) -> None:
        self._widget = widget
        self._serializer = serializer
        self._property = shows
        self._signals = signals
        self._connected: tuple[Any, Callable[..., None]] | None = None

    def prepare(self) -> None:
        """Give the widget what the parameter's type says about it."""

    def read(self) -> Any:
        """Return the value that the widget shows."""
        return _get(self._widget, self._property)

    def write(self, value: Any) -> None:
        """Show a value."""
        _set(self._widget, self._property, value)

    def connect(self, slot: Callable[..., None]) -> None:
        """Call `slot` after every change of the widget, until `disconnect`."""
        for name in self._signals:
            if hasattr(self._widget, name):
                getattr(self._widget, name).connect(slot)
                self._connected = getattr(self._widget, name), slot
                return
        if self._signals:
            raise TypeError(f"{type(self._widget).__name__} has none of the signals {self._signals}")

    def disconnect(self) -> None:
        """Stop to hear the widget."""
        if self._connected is not None:
            signal, slot = self._connected
            signal.disconnect(slot)
            self._connected = None


class NumberConnector(Connector):
    """A spin box or slider. Its own range does not count: the parameter's does, or there is none."""

    def prepare(self) -> None:
        found = {type(extra): extra for extra in (*self._serializer.annotations, *self._serializer.validators)}
        # Decimals first: a spin box rounds its bounds to them.
        if Decimals in found:
            self._set_decimals(found[Decimals].value)
        if SingleStep in found:
            _set(self._widget, "singleStep", found[SingleStep].value)
        lowest, highest = self._unbounded()
        if WithinRange in found:
            lowest, highest = found[WithinRange].minimum, found[WithinRange].maximum
        elif Minimum in found or Maximum in found:
            lowest = found[Minimum].minimum if Minimum in found else lowest
            highest = found[Maximum].maximum if Maximum in found else highest
        if "Slider" in type(self._widget).__name__ and not (WithinRange in found or {Minimum, Maximum} <= set(found)):
            raise RuntimeError("a slider needs a parameter with a range")
        _set(self._widget, "minimum", lowest)
        _set(self._widget, "maximum", highest)

    def _set_decimals(self, decimals: int) -> None:
        _set(self._widget, "decimals", decimals)

    def _unbounded(self) -> tuple[float, float]:
        return -_LARGEST_INT - 1, _LARGEST_INT


class DecimalConnector(NumberConnector):
    """A widget that can show decimals, and shows none of an integer."""

    def prepare(self) -> None:
        if self._serializer.kind is int:
            _set(self._widget, "decimals", 0)
        super().prepare()

    def _set_decimals(self, decimals: int) -> None:
        if self._serializer.kind is not int:
            super()._set_decimals(decimals)

    def _unbounded(self) -> tuple[float, float]:
        return float("-inf"), float("inf")

    def read(self) -> Any:
        return self._serializer.kind(super().read())


class ButtonConnector(Connector):
    """A push button that stays down."""

    def prepare(self) -> None:
        if not _get(self._widget, "checkable"):
            logging.warning("A push button is made checkable, since a parameter is connected to it")
            _set(self._widget, "checkable", True)


class TextConnector(Connector):
    """One line of text, whose cursor stays where it is while the text stays what it is."""

    def write(self, value: str) -> None:
        if value != self.read():
            super().write(value)


class PathConnector(Connector):
    """A path as the text of the widget; an empty text is the empty path."""

    def read(self) -> pathlib.PurePath:
        return self._serializer.kind(super().read())

    def write(self, value: pathlib.PurePath) -> None:
        super().write(str(value))


class ChoiceConnector(Connector):
    """A combo box, filled with the choices or the members of the enumeration."""

    def prepare(self) -> None:
        kind = self._serializer.kind
        choices = [extra.choices for extra in self._serializer.validators if isinstance(extra, Choice)]
        if not choices and not issubclass(kind, Enum):
            raise RuntimeError("expected a Choice validator or an Enum, a combo box needs to know what to offer")
        self._choices = list(kind) if issubclass(kind, Enum) else choices[0]
        # As in Slicer, who listens to the combo box hears of every item.
        self._widget.clear()
        for choice in self._choices:
            self._widget.addItem(self._label(choice))

    @staticmethod
    def _label(choice: Any) -> str:
        if isinstance(choice, Enum):
            return choice.label() if hasattr(choice, "label") else choice.name
        return str(choice)

    def read(self) -> Any:
        return self._choices[super().read()]

    def write(self, value: Any) -> None:
        super().write(self._choices.index(value))


class NodeConnector(Connector):
    """A selector of MRML nodes, read and set through its methods since Qt knows no MRML type."""

    def prepare(self) -> None:
        names = [cls().GetClassName() for cls in self._serializer.classes]
        _set(self._widget, "nodeTypes", names)

    def read(self) -> Any:
        return self._widget.currentNode()

    def write(self, value: Any) -> None:
        self._widget.setCurrentNode(value)
