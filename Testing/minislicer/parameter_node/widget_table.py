"""Which class of widget can show which type of parameter, as Slicer's documentation has it.

Widgets are looked up by class name, so Qt's own and the stand-in's ctk and qMRML widgets are treated alike.
"""

from __future__ import annotations

import pathlib
from enum import Enum
from typing import Any, NamedTuple

import slicer

from .connectors import (
    ButtonConnector,
    ChoiceConnector,
    CollapsedConnector,
    Connector,
    NodeConnector,
    PathConnector,
)
from .serializers import Serializer


class _Row(NamedTuple):
    connector: type[Connector]
    kinds: tuple[type, ...]
    shows: str
    signals: tuple[str, ...] = ()


_CHOSEN = _Row(ChoiceConnector, (int, float, str, bool, Enum), "currentIndex", ("currentIndexChanged",))
_CHECKED = _Row(Connector, (bool,), "checked", ("toggled",))
_FLOAT = _Row(Connector, (float,), "value", ("valueChanged",))
_INT = _Row(Connector, (int,), "value", ("valueChanged",))
_PLAIN = _Row(Connector, (str,), "plainText", ("textChanged",))
_CONNECTORS: dict[str, _Row] = {
    "QCheckBox": _CHECKED,
    "ctkCheckBox": _CHECKED,
    "QPushButton": _Row(ButtonConnector, (bool,), "checked", ("toggled",)),
    "QSlider": _INT,
    "QSpinBox": _INT,
    "QDoubleSpinBox": _FLOAT,
    "ctkSliderWidget": _FLOAT,
    "ctkDoubleSlider": _FLOAT,
    "ctkDoubleSpinBox": _FLOAT,
    "QComboBox": _CHOSEN,
    "ctkComboBox": _CHOSEN,
    "QLineEdit": _Row(Connector, (str,), "text", ("textChanged",)),
    "QTextEdit": _PLAIN,
    "QLabel": _Row(Connector, (str,), "text"),
    "ctkPathLineEdit": _Row(PathConnector, (pathlib.PurePath,), "currentPath", ("currentPathChanged",)),
    "ctkDirectoryButton": _Row(PathConnector, (pathlib.PurePath,), "directory", ("directoryChanged",)),
    "qMRMLNodeComboBox": _Row(
        NodeConnector, (slicer.vtkMRMLNode,), "currentNode", ("currentNodeChanged", "currentNodeIDChanged")
    ),
    # Not in the table of Slicer's documentation: do not rely on these two in a module.
    "QPlainTextEdit": _PLAIN,
    "ctkCollapsibleButton": _Row(CollapsedConnector, (bool,), "collapsed", ("contentsCollapsed",)),
}


def connector_for(widget: Any, serializer: Serializer, parameter: str) -> Connector:
    """Return the connector of a widget, or raise ValueError if its class cannot show such a parameter."""
    for cls in type(widget).__mro__:
        if cls.__name__ in _CONNECTORS:
            row = _CONNECTORS[cls.__name__]
            # bool is a subclass of int, and no number for a spin box
            if issubclass(serializer.kind, row.kinds) and (serializer.kind is not bool or bool in row.kinds):
                return row.connector(widget, serializer, shows=row.shows, signals=row.signals)
    raise ValueError(
        f"parameter {parameter!r}: no connection between {serializer.kind.__name__} "
        f"and {type(widget).__name__} {widget.property('objectName')!r}"
    )
