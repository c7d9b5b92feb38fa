"""What an `Annotated[...]` can say beside validators: the default, and how a widget shows the value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MISSING: Any = object()


class Default:
    """The value of a parameter that the node does not hold yet: a constant, or the result of a generator.

    Example:
        iterations: Annotated[int, Default(5)]
        folder: Annotated[Path, Default(generator=Path.home)]
    """

    def __init__(self, value: Any = MISSING, *, generator: Callable[[], Any] | None = None) -> None:
        if (value is MISSING) == (generator is None):
            raise TypeError("Default takes a value or a generator, and exactly one of them")
        self.generated = generator is not None
        self.make: Callable[[], Any] = generator if generator is not None else lambda: value

    @property
    def value(self) -> Any:
        """The constant, or what the generator gives now."""
        return self.make()


@dataclass(frozen=True)
class Decimals:
    """How many decimals the widget shows."""

    value: int


@dataclass(frozen=True)
class SingleStep:
    """By how much one step of the widget changes the value."""

    value: float
