"""Which class stands for which name."""

from __future__ import annotations

import importlib
import types
from typing import Any

from PySide6 import QtWidgets

from ..pythonqt.native import acts_native

PREFIXES = ("ctk", "qMRML", "qSlicer")
_MODULES = (
    "base",
    "collapsible_button",
    "combo_boxes",
    "message_box",
    "node_combo_box",
    "path_line_edit",
    "segments_table_view",
    "show_3d_button",
    "sliders",
    "table_view",
)
_CLASSES: dict[str, type] = {}

# Names that were asked for and are unknown: an empty widget stands for them. Tests may assert that there are none.
PLACEHOLDERS: set[str] = set()


def find_class(name: str) -> type | None:
    """The stand-in for a class of ctk, qMRML or qSlicer; an empty widget for an unknown one; None for others."""
    if not name.startswith(PREFIXES):
        return None
    _load()
    if name not in _CLASSES:
        PLACEHOLDERS.add(name)
        _CLASSES[name] = acts_native(type(name, (QtWidgets.QWidget,), {"__doc__": "An empty placeholder."}))
    return _CLASSES[name]


def known_classes() -> dict[str, type]:
    """Every class that is imitated, by name."""
    _load()
    return {name: cls for name, cls in _CLASSES.items() if name not in PLACEHOLDERS}


def _load() -> None:
    if _CLASSES:
        return
    for module_name in _MODULES:
        module = importlib.import_module(f".{module_name}", __package__)
        classes = [value for value in vars(module).values() if isinstance(value, type)]
        _CLASSES.update({cls.__name__: cls for cls in classes if cls.__name__.startswith(PREFIXES)})


class CtkModule(types.ModuleType):
    """The module ``ctk``: its classes appear when they are asked for."""

    def __getattr__(self, name: str) -> Any:
        cls = find_class(name) if name.startswith("ctk") else None
        if cls is None:
            raise AttributeError(f"module 'ctk' has no attribute {name!r}")
        return cls
