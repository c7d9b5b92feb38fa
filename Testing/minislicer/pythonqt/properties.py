"""Qt properties as Python attributes, on all classes of PySide6."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

MODULES = (QtCore, QtGui, QtWidgets)

# Read-only properties whose getter is virtual: PySide6 looks the Python attribute up when C++ calls it.
_VIRTUAL = {"sizeHint", "minimumSizeHint"}


class QtProperty:
    """A Qt property as PythonQt shows it.

    On an instance it is the value; on the class it is the C++ method of that name, if there is one
    (``QTimer.singleShot`` is both a property and a static method).
    """

    def __init__(self, name: str, method: Any, writable: bool) -> None:
        self.name = name
        self.method = method
        self.writable = writable
        self.setter = f"set{name[0].upper()}{name[1:]}"
        static = isinstance(method, types.BuiltinFunctionType)
        self.reads_method = callable(method) and not static

    def __get__(self, instance: QtCore.QObject | None, owner: type | None = None) -> Any:
        if instance is None:
            return self if self.method is None else self.method
        return self.method(instance) if self.reads_method else instance.property(self.name)

    def __set__(self, instance: QtCore.QObject, value: Any) -> None:
        if not self.writable:
            raise AttributeError(f"Property '{self.name}' of type '{type(instance).__name__}' is read-only")
        set_value: Callable[[Any], Any] | None = getattr(instance, self.setter, None)
        if set_value is not None:
            try:
                set_value(value)
            except TypeError:
                pass  # PythonQt converts where PySide6 refuses; QVariant knows how, see below
            else:
                return
        if not instance.setProperty(self.name, value):
            raise TypeError(f"Property '{self.name}' of '{type(instance).__name__}' does not take {value!r}")


def qt_classes() -> Iterator[type]:
    """Every class of PySide6 that derives from QObject, each once."""
    seen = set()
    for module in MODULES:
        # dir() and not vars(): PySide6 fills its modules on first use.
        for name in dir(module):
            cls = getattr(module, name)
            if isinstance(cls, type) and issubclass(cls, QtCore.QObject) and cls not in seen:
                seen.add(cls)
                yield cls


def install_properties() -> None:
    """Give every class a QtProperty for each property it declares itself."""
    # Methods are looked up before any is replaced, so that a subclass finds the method and not a QtProperty.
    found = [(cls, name, method, writable) for cls in qt_classes() for name, method, writable in _declared(cls)]
    for cls, name, method, writable in found:
        setattr(cls, name, QtProperty(name, method, writable))


def _declared(cls: type) -> Iterator[tuple[str, Any, bool]]:
    meta = cls.staticMetaObject
    if meta.className() != cls.__name__:
        return
    for index in range(meta.propertyOffset(), meta.propertyCount()):
        declared = meta.property(index)
        if declared.name() not in _VIRTUAL:
            method = getattr(cls, declared.name(), None)
            yield declared.name(), method if callable(method) else None, declared.isWritable()
