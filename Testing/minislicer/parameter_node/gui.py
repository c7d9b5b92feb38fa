"""Parameters and widgets that follow each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import vtk
from PySide6 import QtWidgets

from .connectors import Connector
from .contexts import naming
from .serializers import Serializer
from .widget_table import connector_for

PROPERTY = "SlicerParameterName"


@dataclass(frozen=True)
class Parameter:
    """One parameter, as a widget sees it."""

    name: str
    serializer: Serializer
    read: Callable[[], Any]
    write: Callable[[Any], None]


def named_widgets(gui: Any) -> dict[str, Any]:
    """Widgets by the name of their parameter, below a widget or in what childWidgetVariables returned.

    Of two widgets with the same name the latter counts. An attribute that is no widget raises AttributeError.
    """
    widgets = gui.findChildren(QtWidgets.QWidget) if isinstance(gui, QtWidgets.QWidget) else vars(gui).values()
    named = [(widget.property(PROPERTY), widget) for widget in widgets]
    return {str(name): widget for name, widget in named if name}


@dataclass
class Updating:
    """Whether the widgets of a wrapper are being set from its node; what they say meanwhile does not count."""

    now: bool = False


class _Tie:
    """One parameter and one widget."""

    def __init__(self, parameter: Parameter, connector: Connector, updating: Updating) -> None:
        self._parameter = parameter
        self._connector = connector
        self._updating = updating

    def prepare(self) -> None:
        with naming(self._parameter.name):
            self._connector.prepare()

    def start(self) -> None:
        self.show()
        self._connector.connect(self._changed)

    def show(self) -> None:
        value = self._parameter.read()
        with naming(self._parameter.name):
            self._connector.write(value)

    def _changed(self, *_arguments: Any) -> None:
        if not self._updating.now:
            self._parameter.write(self._connector.read())

    def stop(self) -> None:
        self._connector.disconnect()


class GuiConnection:
    """Ties some parameters of a node to their widgets from construction until `disconnect`."""

    def __init__(self, node: Any, pairs: list[tuple[Parameter, Any]], updating: Updating) -> None:
        self._node = node
        self._updating = updating
        self._ties = [
            _Tie(parameter, connector_for(widget, parameter.serializer, parameter.name), updating)
            for parameter, widget in pairs
        ]
        for tie in self._ties:
            tie.prepare()
        try:
            for tie in self._ties:
                tie.start()
        except Exception:
            self._untie()  # all widgets or none
            raise
        self._tag = node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._on_node_modified)

    def _on_node_modified(self, _node: Any, _event: str) -> None:
        if self._updating.now:
            return
        self._updating.now = True
        try:
            for tie in self._ties:
                tie.show()
        finally:
            self._updating.now = False

    def disconnect(self) -> None:
        """Let go of the node and the widgets."""
        self._node.RemoveObserver(self._tag)
        self._untie()

    def _untie(self) -> None:
        for tie in self._ties:
            tie.stop()
