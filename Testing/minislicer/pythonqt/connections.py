"""obj.connect("signal(type)", function) and obj.disconnect(...) as PythonQt offers them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6 import QtCore

from .native import is_native
from .slot_errors import collect


@dataclass(frozen=True)
class _Connection:
    name: str
    receiver: Callable[..., Any]
    signal: Any
    slot: Callable[..., None]


# By address of the sender: its Python wrapper may be made anew while the C++ object lives on.
_CONNECTIONS: dict[int, list[_Connection]] = {}


def connect(sender: QtCore.QObject, signal: str, receiver: Any, slot: str | None = None) -> bool:
    """Connect to a callable, or to a slot of another object that is named by its signature."""
    if isinstance(slot, str):
        receiver = _named_slot(receiver, slot)
    if not callable(receiver):
        raise TypeError(f"A slot must be callable, got {receiver!r}")
    instance, arguments = _find_signal(sender, signal)
    function = _slot(receiver, arguments)
    instance.connect(function)
    name = signal.partition("(")[0]
    _connections_of(sender).append(_Connection(name, receiver, instance, function))
    return True


def disconnect(
    sender: QtCore.QObject, signal: str | None = None, receiver: Any = None, slot: str | None = None
) -> bool:
    """Undo connections made with connect(); False if there was none."""
    if isinstance(slot, str):
        receiver = _named_slot(receiver, slot)
    if signal is not None:
        _find_signal(sender, signal)
    name = signal.partition("(")[0] if signal else None
    connections = _connections_of(sender)
    found = [c for c in connections if name in (None, c.name) and (receiver is None or c.receiver == receiver)]
    for connection in found:
        connection.signal.disconnect(connection.slot)
        connections.remove(connection)
    return bool(found)


def _connections_of(sender: QtCore.QObject) -> list[_Connection]:
    address = shiboken6.getCppPointer(sender)[0]
    if address not in _CONNECTIONS:
        _CONNECTIONS[address] = []
        sender.destroyed.connect(lambda *_: _CONNECTIONS.pop(address, None))
    return _CONNECTIONS[address]


def _named_slot(receiver: Any, signature: str) -> Callable[..., Any]:
    method = getattr(receiver, signature.partition("(")[0])
    return method.emit if hasattr(method, "emit") else method


def _find_signal(sender: QtCore.QObject, signature: str) -> tuple[Any, int]:
    """The bound signal and how many arguments the signature has."""
    name, _, rest = signature.partition("(")
    types = [kind.strip() for kind in rest.rstrip(")").split(",") if kind.strip()]
    bound = getattr(sender, name) if hasattr(type(sender), name) else None
    if not hasattr(bound, "connect") or not hasattr(bound, "emit"):
        raise ValueError(f"{_class_name(sender)} has no signal {signature}")
    meta = sender.metaObject()
    normalized = QtCore.QMetaObject.normalizedSignature(signature).data().decode()
    if meta.indexOfSignal(normalized) >= 0:
        return _overload(bound, types), len(types)
    declared = [m for m in map(meta.method, range(meta.methodCount())) if m.name().data().decode() == name]
    # Python classes declare MRML nodes as "PyObject", so only the number of arguments can be compared.
    if not _declared_in_python(sender, name) or all(m.parameterCount() < len(types) for m in declared):
        raise ValueError(f"{_class_name(sender)} has no signal {signature}")
    return bound, len(types)


def _declared_in_python(sender: QtCore.QObject, name: str) -> bool:
    owner = next(cls for cls in type(sender).__mro__ if name in cls.__dict__)
    return not owner.__module__.startswith("PySide6.")


def _overload(bound: Any, types: list[str]) -> Any:
    try:
        return bound[types[0] if len(types) == 1 else tuple(types)] if types else bound
    except (KeyError, IndexError, TypeError):
        return bound


def _class_name(sender: QtCore.QObject) -> str:
    native = next(cls for cls in type(sender).__mro__ if is_native(cls))
    return native.__name__


def _slot(receiver: Callable[..., Any], arguments: int) -> Callable[..., None]:
    """A function for PySide6 that passes on as many arguments as the receiver takes and collects exceptions."""
    takes = _number_of_parameters(receiver)

    def slot(*values: Any) -> None:
        values = values[: arguments if takes is None else min(arguments, takes)]
        try:
            if inspect.isbuiltin(receiver):
                _call_builtin(receiver, values)
            else:
                receiver(*values)
        except Exception as error:
            collect(error)

    return slot


def _number_of_parameters(function: Callable[..., Any]) -> int | None:
    """None if any number is taken or nothing is known, as of methods of Qt."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(parameter.kind == parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def _call_builtin(function: Callable[..., Any], values: tuple[Any, ...]) -> None:
    """Methods of Qt do not tell how many arguments they take: try fewer until one fits."""
    for count in range(len(values), -1, -1):
        try:
            function(*values[:count])
        except TypeError:
            if count == 0:
                raise
        else:
            return
