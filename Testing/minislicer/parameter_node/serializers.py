"""How one value becomes strings and node references of a parameter node, and back.

Nothing is cached, so every wrapper of a node sees what another one wrote. Slicer's own wrapper does cache:
code that mixes wrapped and direct access to the same parameter works here and does not work there.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import slicer

from .annotations import Default
from .contexts import modifying
from .validators import IsInstance, NotNone, Validator


class Serializer:
    """Base of all: a value lives in the node under one name, or under names that begin with it and a dot.

    Subclasses give `implicit_default`, `read`, `write`, `remove` and `is_in`, and `copy` where a value is mutable.
    """

    kind: type = object

    def __init__(self, *validators: Validator) -> None:
        self.validators: list[Validator] = list(validators)
        self.annotations: list[Any] = []
        self.explicit_default: Default | None = None

    def default(self) -> Any:
        """A fresh default: the one that was asked for, or the one of the type."""
        return self.check(self.explicit_default.make() if self.explicit_default else self.implicit_default())

    def check(self, value: Any) -> Any:
        """Return `value` as it will be stored, independent of the node it came from, or raise."""
        for validator in self.validators:
            validator.validate(value)
        return self.copy(value)

    def fill(self, node: Any, name: str, default: Any) -> None:
        """Write `default` unless the node already holds a value."""
        if not self.is_in(node, name):
            self.write(node, name, default)

    def copy(self, value: Any) -> Any:
        """Return the value in the form in which it is kept."""
        return value

    def implicit_default(self) -> Any:
        """Return what the type stands for when nobody said otherwise."""
        raise NotImplementedError

    def is_in(self, node: Any, name: str) -> bool:
        """Say whether the node holds a value of this name."""
        return bool(node.HasParameter(name))

    def read(self, node: Any, name: str) -> Any:
        """Return the value; lists, dicts and packs write their later changes to the node."""
        raise NotImplementedError

    def write(self, node: Any, name: str, value: Any) -> None:
        """Store a value that `check` returned."""
        raise NotImplementedError

    def remove(self, node: Any, name: str) -> None:
        """Take the value out of the node."""
        node.UnsetParameter(name)


class ScalarSerializer(Serializer):
    """A value that one string holds: numbers, text, flags and paths."""

    def __init__(
        self,
        kind: type,
        *,
        accepts: tuple[type, ...] = (),
        from_text: Callable[[str], Any] | None = None,
    ) -> None:
        super().__init__(NotNone(), IsInstance(accepts or kind))
        self.kind = kind
        self._from_text = from_text or kind

    def implicit_default(self) -> Any:
        return self.kind()

    def copy(self, value: Any) -> Any:
        return self.kind(value)

    def read(self, node: Any, name: str) -> Any:
        return self._from_text(node.GetParameter(name))

    def write(self, node: Any, name: str, value: Any) -> None:
        node.SetParameter(name, str(value))


class EnumSerializer(Serializer):
    """A member of an enumeration, stored by its name so that its value may change."""

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__(NotNone(), IsInstance(kind))
        self.kind: type[Enum] = kind

    def implicit_default(self) -> Enum:
        return next(iter(self.kind))

    def read(self, node: Any, name: str) -> Enum:
        text = node.GetParameter(name)
        if text not in self.kind.__members__:
            raise ValueError(f"expected a name of {list(self.kind.__members__)}, the node holds {text!r}")
        return self.kind[text]

    def write(self, node: Any, name: str, value: Enum) -> None:
        node.SetParameter(name, value.name)


class NodeSerializer(Serializer):
    """A MRML node of one of some classes, or None, stored as a node reference whose role is the name.

    An empty parameter of the same name says that the choice was made, so that None is not taken for "not yet".
    """

    kind = slicer.vtkMRMLNode

    def __init__(self, classes: tuple[type, ...]) -> None:
        super().__init__(IsInstance((*classes, type(None))))
        self.classes = classes

    def implicit_default(self) -> None:
        return None

    def copy(self, value: Any) -> Any:
        if value is not None and value.GetScene() is None:
            raise ValueError(f"expected a node that is in a scene, got {value.GetName()!r} outside of any")
        return value

    def read(self, node: Any, name: str) -> Any:
        return node.GetNodeReference(name)

    def write(self, node: Any, name: str, value: Any) -> None:
        if value is not None and value.GetScene() is not node.GetScene():
            raise ValueError(f"expected a node of the parameter node's scene, got {value.GetName()!r} of another")
        with modifying(node):
            node.SetParameter(name, "")
            node.SetNodeReferenceID(name, value.GetID() if value is not None else None)

    def remove(self, node: Any, name: str) -> None:
        node.UnsetParameter(name)
        node.RemoveNodeReferenceIDs(name)
