"""How a widget shows a parameter's value.

Properties are reached through Qt's meta-object, which works with and without PythonQt's attribute access.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from enum import Enum
from typing import Any

from .annotations import Decimals, SingleStep
from .serializers import Serializer
from .validators import Choice, WithinRange


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
        """Give the widget the range, decimals and step of the parameter, those it has."""
        settings: dict[str, Any] = {}
        for extra in (*self._serializer.annotations, *self._serializer.validators):
            if isinstance(extra, Decimals):
                settings["decimals"] = extra.value
            elif isinstance(extra, SingleStep):
                settings["singleStep"] = extra.value
            elif isinstance(extra, WithinRange):
                settings |= {"minimum": extra.minimum, "maximum": extra.maximum}
        # Decimals first: a spin box rounds its bounds to them.
        for name, value in sorted(settings.items()):
            if value is not None and (_has(self._widget, name) or hasattr(self._widget, name)):
                _set(self._widget, name, value)

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


class ButtonConnector(Connector):
    """A push button, which must be one that stays down."""

    def prepare(self) -> None:
        if not _get(self._widget, "checkable"):
            raise ValueError("expected a checkable push button")


class CollapsedConnector(Connector):
    """True while the widget is open."""

    def read(self) -> bool:
        return not super().read()

    def write(self, value: bool) -> None:
        super().write(not value)


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
            raise ValueError("expected a Choice validator or an Enum, a combo box needs to know what to offer")
        self._choices = choices[0] if choices else list(kind)
        was_blocked = self._widget.blockSignals(True)
        self._widget.clear()
        self._widget.addItems([self._label(choice) for choice in self._choices])
        self._widget.blockSignals(was_blocked)

    @staticmethod
    def _label(choice: Any) -> str:
        if isinstance(choice, Enum):
            return choice.label() if hasattr(choice, "label") else choice.name
        return str(choice)

    def read(self) -> Any:
        index = super().read()
        return self._choices[index] if 0 <= index < len(self._choices) else None

    def write(self, value: Any) -> None:
        super().write(self._choices.index(value))


class NodeConnector(Connector):
    """A selector of MRML nodes, read and set through its methods since Qt knows no MRML type."""

    def read(self) -> Any:
        return self._widget.currentNode()

    def write(self, value: Any) -> None:
        self._widget.setCurrentNode(value)
