"""A list and a dict that tell their owner about every change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

LIST_CHANGES = ("__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "clear", "extend", "insert", "pop")
LIST_CHANGES += ("remove", "reverse", "sort")
DICT_CHANGES = ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update")


class Owner(Protocol):
    """Where a container's values are kept."""

    def current(self) -> Any:
        """Return a copy of what is kept now, which another container of the same values may have changed."""

    def commit(self, values: Any) -> Any:
        """Keep the values, or raise and keep the old ones; return what is now kept."""


def _reporting(base: type, name: str) -> Callable[..., Any]:
    def change(self: Any, *args: Any, **keywords: Any) -> Any:
        # The change happens to a copy first, so a value that is refused leaves the container as it was.
        changed = self._owner.current()
        result = getattr(changed, name)(*args, **keywords)
        kept = self._owner.commit(changed)
        base.clear(self)
        base.__init__(self, kept)
        return self if result is changed else result

    change.__name__ = name
    return change


class ObservedList(list[Any]):
    """A list that keeps its owner up to date."""

    def __init__(self, values: list[Any], owner: Owner) -> None:
        super().__init__(values)
        self._owner = owner


class ObservedDict(dict[Any, Any]):
    """A dict that keeps its owner up to date."""

    def __init__(self, values: dict[Any, Any], owner: Owner) -> None:
        super().__init__(values)
        self._owner = owner


for _class, _base, _names in ((ObservedList, list, LIST_CHANGES), (ObservedDict, dict, DICT_CHANGES)):
    for _name in _names:
        setattr(_class, _name, _reporting(_base, _name))
