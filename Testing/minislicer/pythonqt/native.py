"""How the stand-in's own widgets pass for classes of Slicer's C++ code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore

_MARK = "_acts_native"


def acts_native(cls: type) -> type:
    """Class decorator: instances reject unknown attributes as PythonQt's wrappers of C++ objects do."""
    setattr(cls, _MARK, True)
    return cls


def is_native(cls: type) -> bool:
    """True for PySide6's classes and for those that pass for C++, not for Python classes derived from them."""
    return _MARK in cls.__dict__ or cls.__module__.startswith("PySide6.")


def native_property(kind: Any, name: str, default: Any, changed: Callable[[Any, Any], None] | None = None) -> Any:
    """A Qt property kept in the Python object.

    changed is called as changed(self, value) whenever the value becomes a different one.
    """
    attribute = f"_property_{name}"

    def read(self: Any) -> Any:
        return getattr(self, attribute, default)

    def write(self: Any, value: Any) -> None:
        if read(self) != value:
            setattr(self, attribute, value)
            if changed is not None:
                changed(self, value)

    return QtCore.Property(kind, read, write)
