"""Which class of widget can show which type of parameter; Slicer connects these and no classes derived from them.

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
    Connector,
    DecimalConnector,
    NodeConnector,
    NumberConnector,
    PathConnector,
    TextConnector,
)
from .serializers import Serializer


class _Row(NamedTuple):
    connector: type[Connector]
    kinds: tuple[type, ...]
    shows: str
    signals: tuple[str, ...] = ()


_CHOSEN = _Row(ChoiceConnector, (int, float, str, bool, Enum), "currentIndex", ("currentIndexChanged",))
_CHECKED = _Row(Connector, (bool,), "checked", ("toggled",))
_DECIMAL = _Row(DecimalConnector, (float, int), "value", ("valueChanged",))
_INT = _Row(NumberConnector, (int,), "value", ("valueChanged",))
_CONNECTORS: dict[str, _Row] = {
    "QCheckBox": _CHECKED,
    "ctkCheckBox": _CHECKED,
    "QPushButton": _Row(ButtonConnector, (bool,), "checked", ("toggled",)),
    "QSlider": _INT,
    "QSpinBox": _INT,
    "QDoubleSpinBox": _DECIMAL,
    "ctkSliderWidget": _DECIMAL,
    "ctkDoubleSpinBox": _DECIMAL,
    "qMRMLSliderWidget": _DECIMAL,
    "qMRMLSpinBox": _DECIMAL,
    "QComboBox": _CHOSEN,
    "ctkComboBox": _CHOSEN,
    "QLineEdit": _Row(TextConnector, (str,), "text", ("textChanged",)),
    "QTextEdit": _Row(Connector, (str,), "plainText", ("textChanged",)),
    "QLabel": _Row(Connector, (str,), "text"),
    "ctkPathLineEdit": _Row(PathConnector, (pathlib.PurePath,), "currentPath", ("currentPathChanged",)),
    "ctkDirectoryButton": _Row(PathConnector, (pathlib.PurePath,), "directory", ("directoryChanged",)),
    "qMRMLNodeComboBox": _Row(
        NodeConnector, (slicer.vtkMRMLNode,), "currentNode", ("currentNodeChanged", "currentNodeIDChanged")
    ),
}


def connector_for(widget: Any, serializer: Serializer, parameter: str) -> Connector:
    """Return the connector of a widget, or raise RuntimeError if its class cannot show such a parameter."""
    row = _CONNECTORS.get(type(widget).__name__)
    # bool is a subclass of int, and no number for a spin box
    fits = row is not None and issubclass(serializer.kind, row.kinds)
    if row is not None and fits and (serializer.kind is not bool or bool in row.kinds):
        return row.connector(widget, serializer, shows=row.shows, signals=row.signals)
    raise RuntimeError(
        f"parameter {parameter!r}: no connection between {serializer.kind.__name__} "
        f"and {type(widget).__name__} {widget.property('objectName')!r}"
    )
