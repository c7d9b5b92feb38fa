"""Annotated attributes of a class, as descriptors that keep their values in memory or in a node."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, get_type_hints

from .annotations import MISSING, Default
from .contexts import naming
from .factory import serializer_for
from .serializers import Serializer


class Store(Protocol):
    """Where the fields of one object keep their values."""

    prefix: str

    def read(self, field: Field) -> Any: ...
    def write(self, field: Field, value: Any) -> None: ...


class MemoryStore:
    """Values of an object that belongs to no node."""

    prefix = ""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def read(self, field: Field) -> Any:
        if field.name not in self._values:
            self._values[field.name] = field.serializer.default()
        return self._values[field.name]

    def write(self, field: Field, value: Any) -> None:
        self._values[field.name] = value


class NodeStore:
    """Values that live in a parameter node, under names that begin with a prefix."""

    def __init__(self, node: Any, prefix: str = "") -> None:
        self.node = node
        self.prefix = prefix

    def read(self, field: Field) -> Any:
        """The value; the default takes its place if it was lost, as when a scene is closed."""
        name, serializer = self.prefix + field.name, field.serializer
        with naming(name):
            if not serializer.is_in(self.node, name):
                serializer.fill(self.node, name, serializer.default())
            return serializer.read(self.node, name)

    def write(self, field: Field, value: Any) -> None:
        field.serializer.write(self.node, self.prefix + field.name, value)


class Field:
    """One parameter: validates what is assigned and leaves the keeping to its object's store."""

    def __init__(self, name: str, serializer: Serializer) -> None:
        self.name = name
        self.serializer = serializer

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else instance._parameter_store.read(self)

    def __set__(self, instance: Any, value: Any) -> None:
        with naming(instance._parameter_store.prefix + self.name):
            instance._parameter_store.write(self, self.serializer.check(value))


class FieldOwner:
    """Base of wrappers and packs: their fields, and nothing that is not one, can be assigned."""

    _parameter_fields: ClassVar[dict[str, Field]] = {}
    _parameter_store: Store

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(getattr(type(self), name, None), "__set__"):
            known = ", ".join(self._parameter_fields) or "no parameter"
            raise AttributeError(f"{type(self).__name__} has no parameter {name!r}, it has {known}")
        object.__setattr__(self, name, value)


def keep_in(owner: FieldOwner, store: Store) -> None:
    """Give an object the place of its values."""
    object.__setattr__(owner, "_parameter_store", store)


def _field_of(cls: type, name: str, annotation: Any) -> Field:
    value = getattr(cls, name, MISSING)
    with naming(f"{cls.__name__}.{name}"):
        serializer = serializer_for(annotation)
        if value is not MISSING:
            if serializer.explicit_default is not None:
                raise TypeError("has two defaults, one assigned and one in Annotated")
            serializer.explicit_default = Default(value)
        if serializer.explicit_default is None or not serializer.explicit_default.generated:
            serializer.default()  # a default that does not fit is found now, not when a scene opens
    return Field(name, serializer)


def with_fields(cls: type, base: type[FieldOwner]) -> type:
    """Return a subclass of `cls` and `base` whose annotated attributes are fields.

    Raises ValueError for a class that has them already, and for names that are taken.
    """
    if issubclass(cls, FieldOwner):
        raise ValueError(f"{cls.__name__} is derived from a class with parameters, which is not supported")
    annotations = get_type_hints(cls, include_extras=True)
    for name in annotations:
        if hasattr(base, name):
            raise ValueError(f"{cls.__name__} cannot have a parameter named {name!r}: the name is reserved")
    parameters = {name: _field_of(cls, name, annotation) for name, annotation in annotations.items()}
    about = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    return type(cls)(cls.__name__, (cls, base), {**about, **parameters, "_parameter_fields": parameters})
