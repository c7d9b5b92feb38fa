"""Reading and writing attributes of Qt objects as PythonQt does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import shiboken6
from PySide6 import QtCore

from .connections import connect, disconnect
from .native import is_native
from .properties import qt_classes

_plain_getattribute = QtCore.QObject.__getattribute__
_loading = False


@contextmanager
def loading_a_form() -> Iterator[None]:
    """While PySide6 reads a .ui file: it sets each named child as an attribute of the form, PythonQt does not."""
    global _loading
    _loading = True
    try:
        yield
    finally:
        _loading = False


def install_attributes() -> None:
    """Patch PySide6's classes; every class has a __setattr__ of its own, __getattribute__ is QObject's."""
    QtCore.QObject.__getattribute__ = _getattribute
    for cls in qt_classes():
        cls.__setattr__ = _setattr
    QtCore.QObject.name = property(lambda self: self.objectName, lambda self, name: self.setObjectName(name))
    QtCore.QObject.className = lambda self: self.metaObject().className()
    QtCore.QObject.delete = _delete


def _getattribute(self: QtCore.QObject, name: str) -> Any:
    # A class attribute named connect would be found too late: PySide6 answers for it first.
    if name == "connect":
        return _for_both(self, connect, "connect")
    if name == "disconnect":
        return _for_both(self, disconnect, "disconnect")
    try:
        return _plain_getattribute(self, name)
    except AttributeError:
        if not name.startswith("_") and _has_dynamic_property(self, name):
            return self.property(name)
        raise


def _for_both(self: QtCore.QObject, ours: Callable[..., bool], name: str) -> Callable[..., Any]:
    """Connect as PythonQt does, except where PySide6 itself connects (QTimer.singleShot): "2timeout()" or objects."""

    def call(*arguments: Any) -> Any:
        if arguments and not (isinstance(arguments[0], str) and not arguments[0].startswith("2")):
            return _plain_getattribute(self, name)(*arguments)
        return ours(self, *arguments)

    return call


def _setattr(self: QtCore.QObject, name: str, value: Any) -> None:
    if _loading and isinstance(value, QtCore.QObject) and value.objectName == name:
        return
    if isinstance(value, QtCore.SignalInstance) and hasattr(type(self), name):
        self.__dict__[name] = value  # PySide6 keeps the signals of widgets that C++ made
        return
    cls = type(self)
    found = next((base.__dict__[name] for base in cls.__mro__ if name in base.__dict__), None)
    writer: Callable[[Any, Any], None] | None = getattr(type(found), "__set__", None)
    if writer is not None:
        writer(found, self, value)
    elif isinstance(found, QtCore.Property):
        # PySide6 makes an empty list of a tuple.
        self.setProperty(name, list(value) if isinstance(value, tuple) else value)
    elif not is_native(cls) or (name.startswith("_") and not cls.__module__.startswith("PySide6.")):
        self.__dict__[name] = value
    elif _has_dynamic_property(self, name):
        self.setProperty(name, value)
    elif found is not None:
        raise AttributeError(f"Slot '{name}' can not be overwritten on {cls.__name__} object")
    else:
        raise AttributeError(f"'{name}' does not exist on {cls.__name__} and creating new attributes is not allowed")


def _has_dynamic_property(self: QtCore.QObject, name: str) -> bool:
    if not shiboken6.isValid(self):
        return False
    return name in [bytes(known).decode() for known in self.dynamicPropertyNames()]


def _delete(self: QtCore.QObject) -> None:
    if shiboken6.isValid(self):
        shiboken6.delete(self)
