"""Small groups of parameters that are passed, compared and stored together."""

from __future__ import annotations

from typing import Any

from .contexts import modifying
from .fields import FieldOwner, MemoryStore, NodeStore, keep_in, with_fields
from .serializers import Serializer
from .validators import IsInstance, NotNone


class ParameterPack(FieldOwner):
    """What `@parameterPack` adds: constructor, comparison and text, unless the class brings its own."""

    def __new__(cls, *_args: Any, **_keywords: Any) -> ParameterPack:
        self = super().__new__(cls)
        keep_in(self, MemoryStore())
        return self

    def __init__(self, *args: Any, **keywords: Any) -> None:
        names = list(self._parameter_fields)
        if len(args) > len(names):
            raise TypeError(f"{type(self).__name__} takes {len(names)} values, got {len(args)}")
        given = dict(zip(names, args, strict=False))
        for name, value in keywords.items():
            if name not in names or name in given:
                raise TypeError(f"{type(self).__name__} takes {names} once each, got {name!r} too much")
            given[name] = value
        for name, value in given.items():
            setattr(self, name, value)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._parameter_fields)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._parameter_fields)
        return f"{type(self).__name__}({values})"

    def __str__(self) -> str:
        return repr(self)

    def getValue(self, membername: str) -> Any:  # noqa: N802
        """The attribute of this name; "corner.x" is the x of the pack corner."""
        owner, name = self._owner_of(membername)
        return getattr(owner, name)

    def setValue(self, membername: str, value: Any) -> None:  # noqa: N802
        """Set the attribute of this name."""
        owner, name = self._owner_of(membername)
        setattr(owner, name, value)

    def _owner_of(self, path: str) -> tuple[Any, str]:
        found: Any = self
        *packs, last = path.split(".")
        for name in packs:
            found = found.getValue(name)
        if not hasattr(found, last):
            raise ValueError(f"{found!r} has no member {last!r}")
        return found, last


class PackSerializer(Serializer):
    """Stores the attributes of a pack as `name.attribute`; what it reads writes through to the node."""

    def __init__(self, pack_class: type[ParameterPack]) -> None:
        super().__init__(NotNone(), IsInstance(pack_class))
        self.kind: type[ParameterPack] = pack_class
        self._fields = pack_class._parameter_fields.values()

    def implicit_default(self) -> ParameterPack:
        return self.kind.__new__(self.kind)

    def copy(self, value: ParameterPack) -> ParameterPack:
        copied = self.kind.__new__(self.kind)
        for field in self._fields:
            field.__set__(copied, field.__get__(value))
        return copied

    def is_in(self, node: Any, name: str) -> bool:
        return all(field.serializer.is_in(node, f"{name}.{field.name}") for field in self._fields)

    def fill(self, node: Any, name: str, default: ParameterPack) -> None:
        for field in self._fields:
            field.serializer.fill(node, f"{name}.{field.name}", field.__get__(default))

    def read(self, node: Any, name: str) -> ParameterPack:
        bound = self.kind.__new__(self.kind)
        keep_in(bound, NodeStore(node, f"{name}."))
        return bound

    def write(self, node: Any, name: str, value: ParameterPack) -> None:
        with modifying(node):
            for field in self._fields:
                field.serializer.write(node, f"{name}.{field.name}", field.__get__(value))

    def remove(self, node: Any, name: str) -> None:
        for field in self._fields:
            field.serializer.remove(node, f"{name}.{field.name}")


def parameterPack(cls: type) -> type:  # noqa: N802
    """Make a class of annotated attributes a value that a parameter node can hold.

    Example:
        @parameterPack
        class Point:
            x: float
            y: Annotated[float, Default(1)]
    """
    return with_fields(cls, ParameterPack)


def isParameterPack(value: Any) -> bool:  # noqa: N802
    """Say whether a class, or the class of a value, is a parameter pack."""
    return issubclass(value if isinstance(value, type) else type(value), ParameterPack)
