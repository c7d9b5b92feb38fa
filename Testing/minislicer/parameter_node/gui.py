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


def named_widgets(gui: Any) -> list[tuple[str, Any]]:
    """Parameter name and widget, for a widget and all below it or for what childWidgetVariables returned."""
    if isinstance(gui, QtWidgets.QWidget):
        widgets = [gui, *gui.findChildren(QtWidgets.QWidget)]
    else:
        widgets = [widget for widget in vars(gui).values() if isinstance(widget, QtWidgets.QWidget)]
    named = [(widget.property(PROPERTY), widget) for widget in widgets]
    return [(str(name), widget) for name, widget in named if name]


class _Tie:
    """One parameter and one widget. Setting the widget from the parameter is no reason to set the parameter."""

    def __init__(self, parameter: Parameter, connector: Connector) -> None:
        self._parameter = parameter
        self._connector = connector
        self._updating = False

    def start(self) -> None:
        with naming(self._parameter.name):
            self._connector.prepare()
        self.update_widget()
        self._connector.connect(self.update_parameter)

    def update_widget(self) -> None:
        value = self._parameter.read()
        if self._updating or self._connector.read() == value:
            return
        self._updating = True
        try:
            with naming(self._parameter.name):
                self._connector.write(value)
        finally:
            self._updating = False

    def update_parameter(self, *_arguments: Any) -> None:
        if self._updating:
            return
        value = self._connector.read()
        if self._parameter.read() != value:
            self._parameter.write(value)

    def stop(self) -> None:
        self._connector.disconnect()


class GuiConnection:
    """Ties some parameters of a node to their widgets from construction until `disconnect`."""

    def __init__(self, node: Any, pairs: list[tuple[Parameter, Any]]) -> None:
        self._node = node
        self._ties = [
            _Tie(parameter, connector_for(widget, parameter.serializer, parameter.name)) for parameter, widget in pairs
        ]
        try:
            for tie in self._ties:
                tie.start()
        except Exception:
            self._untie()  # all widgets or none
            raise
        self._tag = node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._on_node_modified)

    def _on_node_modified(self, _node: Any, _event: str) -> None:
        for tie in self._ties:
            tie.update_widget()

    def disconnect(self) -> None:
        """Let go of the node and the widgets."""
        self._node.RemoveObserver(self._tag)
        self._untie()

    def _untie(self) -> None:
        for tie in self._ties:
            tie.stop()
