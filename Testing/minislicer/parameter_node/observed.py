"""A list and a dict that tell their owner about every change.

As in Slicer they are no subclasses of list and dict, and offer nothing that would make a plain list or dict
out of them by the way: `+`, `*`, `|` and defaults of `get` and `pop` are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping, MutableSequence
from typing import Any, Protocol


class Owner(Protocol):
    """Where a container's values are kept."""

    def current(self) -> Any:
        """Return a copy of what is kept now, which another container of the same values may have changed."""

    def commit(self, values: Any) -> Any:
        """Keep the values, or raise and keep the old ones; return what is now kept."""


class _Observed:
    """What a list and a dict have in common; the values are read when the container is made or changed."""

    def __init__(self, values: Any, owner: Owner) -> None:
        self._values = values
        self._owner = owner

    def _change(self, change: Callable[[Any], Any]) -> Any:
        # The change happens to a copy first, so a value that is refused leaves the container as it was.
        changed = self._owner.current()
        result = change(changed)
        self._values = self._owner.commit(changed)
        return result

    def __getitem__(self, key: Any) -> Any:
        return self._values[key]

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return bool(self._values == (other._values if isinstance(other, _Observed) else other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._values!r})"

    def __setitem__(self, key: Any, value: Any) -> None:
        self._change(lambda values: values.__setitem__(key, value))

    def __delitem__(self, key: Any) -> None:
        self._change(lambda values: values.__delitem__(key))

    def clear(self) -> None:
        self._change(lambda values: values.clear())


class ObservedList(_Observed, MutableSequence[Any]):
    """A list that keeps its owner up to date."""

    def insert(self, index: int, value: Any) -> None:
        self._change(lambda values: values.insert(index, value))

    def append(self, value: Any) -> None:
        self._change(lambda values: values.append(value))

    def extend(self, values: Iterable[Any]) -> None:
        added = list(values)
        self._change(lambda kept: kept.extend(added))

    def __iadd__(self, values: Iterable[Any]) -> ObservedList:
        self.extend(values)
        return self

    def __imul__(self, times: int) -> ObservedList:
        self._change(lambda values: values.extend(list(values) * (times - 1)) if times > 0 else values.clear())
        return self

    def pop(self, index: int = -1) -> Any:
        return self._change(lambda values: values.pop(index))

    def reverse(self) -> None:
        self._change(lambda values: values.reverse())

    def sort(self, *args: Any, **keywords: Any) -> None:
        self._change(lambda values: values.sort(*args, **keywords))

    def _refuse(self, _other: Any) -> Any:
        raise NotImplementedError("a list of a parameter node knows += and *= only; make a list() of it first")

    __add__ = __radd__ = __mul__ = __rmul__ = _refuse


class ObservedDict(_Observed, MutableMapping[Any, Any]):
    """A dict that keeps its owner up to date."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def get(self, key: Any) -> Any:  # type: ignore[override]
        return self._values.get(key)

    def pop(self, key: Any) -> Any:  # type: ignore[override]
        return self._change(lambda values: values.pop(key))

    def popitem(self) -> tuple[Any, Any]:
        found: tuple[Any, Any] = self._change(lambda values: values.popitem())
        return found
