"""Values made of other values: list, tuple, dict and union, each part under a name of its own."""

from __future__ import annotations

from typing import Any

from .contexts import modifying, naming
from .observed import ObservedDict, ObservedList
from .serializers import Serializer
from .validators import IsInstance, NotNone


class TupleSerializer(Serializer):
    """`tuple[int, str]`: the parts are stored as `name.0`, `name.1`."""

    kind = tuple

    def __init__(self, parts: list[Serializer]) -> None:
        super().__init__(NotNone(), IsInstance((tuple, list)))
        self.parts = parts

    def implicit_default(self) -> tuple[Any, ...]:
        return tuple(part.default() for part in self.parts)

    def copy(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(value) != len(self.parts):
            raise ValueError(f"expected {len(self.parts)} values, got {value!r}")
        return tuple(part.check(item) for part, item in zip(self.parts, value, strict=True))

    def is_in(self, node: Any, name: str) -> bool:
        return any(part.is_in(node, f"{name}.{index}") for index, part in enumerate(self.parts))

    def read(self, node: Any, name: str) -> tuple[Any, ...]:
        return tuple(part.read(node, f"{name}.{index}") for index, part in enumerate(self.parts))

    def write(self, node: Any, name: str, value: tuple[Any, ...]) -> None:
        with modifying(node):
            for index, (part, item) in enumerate(zip(self.parts, value, strict=True)):
                part.write(node, f"{name}.{index}", item)

    def remove(self, node: Any, name: str) -> None:
        for index, part in enumerate(self.parts):
            part.remove(node, f"{name}.{index}")


class _Kept:
    """The owner of a list or dict that was read from a node."""

    def __init__(self, serializer: ListSerializer, node: Any, name: str) -> None:
        self._serializer = serializer
        self._place = node, name

    def current(self) -> Any:
        return self._serializer.copy(self._serializer.stored(*self._place))

    def commit(self, values: Any) -> Any:
        with naming(self._place[1]):
            self._serializer.write(*self._place, self._serializer.check(values))
        return self._serializer.stored(*self._place)


class ListSerializer(Serializer):
    """`list[int]`: the length is stored as `name.len`, the items as `name.0`, `name.1` and so on."""

    kind: type = list
    _accepts: tuple[type, ...] = (list, tuple, ObservedList)
    _observed: Any = ObservedList

    def __init__(self, item: Serializer) -> None:
        super().__init__(NotNone(), IsInstance(self._accepts))
        self.item = item

    def implicit_default(self) -> Any:
        return self.kind()

    def copy(self, value: Any) -> Any:
        return [self.item.check(item) for item in value]

    def is_in(self, node: Any, name: str) -> bool:
        return bool(node.HasParameter(f"{name}.len"))

    def read(self, node: Any, name: str) -> Any:
        return self._observed(self.stored(node, name), _Kept(self, node, name))

    def stored(self, node: Any, name: str) -> Any:
        """Return what the node holds, as a plain container."""
        return [self.item.read(node, f"{name}.{index}") for index in range(self._length(node, name))]

    def _length(self, node: Any, name: str) -> int:
        return int(node.GetParameter(f"{name}.len") or 0)

    def write(self, node: Any, name: str, value: Any) -> None:
        with modifying(node):
            old_length = self._length(node, name)
            node.SetParameter(f"{name}.len", str(len(value)))
            for index, item in enumerate(value):
                self.item.write(node, f"{name}.{index}", item)
            for index in range(len(value), old_length):
                self.item.remove(node, f"{name}.{index}")

    def remove(self, node: Any, name: str) -> None:
        self.write(node, name, [])
        node.UnsetParameter(f"{name}.len")


class DictSerializer(ListSerializer):
    """`dict[str, int]`: stored as a list of pairs in the order of insertion."""

    kind = dict
    _accepts = (dict, ObservedDict)
    _observed = ObservedDict

    def __init__(self, key: Serializer, value: Serializer) -> None:
        super().__init__(TupleSerializer([key, value]))

    def copy(self, value: dict[Any, Any]) -> dict[Any, Any]:
        return dict(super().copy(value.items()))

    def stored(self, node: Any, name: str) -> dict[Any, Any]:
        return dict(super().stored(node, name))

    def write(self, node: Any, name: str, value: Any) -> None:
        super().write(node, name, list(dict(value).items()))


class UnionSerializer(Serializer):
    """`int | str | None`: which alternative holds is stored as `name.type`; the default is the first one's."""

    def __init__(self, alternatives: list[Serializer | None]) -> None:
        super().__init__()
        self.alternatives = alternatives
        self.optional = len(alternatives) == 2 and alternatives[1] is None

    def implicit_default(self) -> Any:
        first = self.alternatives[0]
        return None if self.optional or first is None else first.default()

    def _fitting(self, value: Any) -> tuple[int, Any]:
        """The alternative for a value, one that keeps the value's type before one that converts it."""
        fitting: list[tuple[bool, int, Any]] = []
        refusals = []
        for index, alternative in enumerate(self.alternatives):
            if alternative is None:
                if value is None:
                    return index, None
                continue
            try:
                checked = alternative.check(value)
            except (TypeError, ValueError) as refusal:
                refusals.append(refusal)
            else:
                fitting.append((type(checked) is not type(value), index, checked))
        if fitting:
            return min(fitting, key=lambda found: found[:2])[1:]
        error = ValueError if any(isinstance(refusal, ValueError) for refusal in refusals) else TypeError
        raise error("; ".join(map(str, refusals)))

    def copy(self, value: Any) -> Any:
        return self._fitting(value)[1]

    def is_in(self, node: Any, name: str) -> bool:
        return bool(node.HasParameter(f"{name}.type"))

    def _stored(self, node: Any, name: str) -> Serializer | None:
        return self.alternatives[int(node.GetParameter(f"{name}.type"))]

    def read(self, node: Any, name: str) -> Any:
        stored = self._stored(node, name)
        return None if stored is None else stored.read(node, name)

    def write(self, node: Any, name: str, value: Any) -> None:
        index, checked = self._fitting(value)
        with modifying(node):
            if self.is_in(node, name) and self._stored(node, name) is not self.alternatives[index]:
                self.remove(node, name)
            node.SetParameter(f"{name}.type", str(index))
            if (alternative := self.alternatives[index]) is not None:
                alternative.write(node, name, checked)

    def remove(self, node: Any, name: str) -> None:
        if self.is_in(node, name) and (stored := self._stored(node, name)) is not None:
            stored.remove(node, name)
        node.UnsetParameter(f"{name}.type")
