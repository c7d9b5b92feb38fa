"""What a parameter may be: each validator refuses the values that do not fit it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any


class Validator(ABC):
    """Stands in an `Annotated[...]` and raises an exception for a value that is not allowed.

    Example:
        class Even(Validator):
            def validate(self, value):
                if value % 2:
                    raise ValueError(f"expected an even number, got {value}")
    """

    @abstractmethod
    def validate(self, value: Any) -> None:
        """Raise an exception if `value` is not allowed."""


class NotNone(Validator):
    """The value is there."""

    def validate(self, value: Any) -> None:
        if value is None:
            raise ValueError("expected a value, got None")


class IsInstance(Validator):
    """The value is of one of these classes."""

    def __init__(self, classes: type | tuple[type, ...]) -> None:
        self.classes = classes if isinstance(classes, tuple) else (classes,)

    def validate(self, value: Any) -> None:
        if not isinstance(value, self.classes):
            expected = " or ".join(cls.__name__ for cls in self.classes)
            raise TypeError(f"expected {expected}, got {type(value).__name__} {value!r:.100}")


class WithinRange(Validator):
    """The value lies between two bounds, both included."""

    def __init__(self, minimum: Any, maximum: Any) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"expected {self.minimum} to {self.maximum}, got {value!r}")


class Minimum(Validator):
    """The value is at least this."""

    def __init__(self, minimum: Any) -> None:
        self.minimum = minimum

    def validate(self, value: Any) -> None:
        if value < self.minimum:
            raise ValueError(f"expected at least {self.minimum}, got {value!r}")


class Maximum(Validator):
    """The value is at most this."""

    def __init__(self, maximum: Any) -> None:
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        if value > self.maximum:
            raise ValueError(f"expected at most {self.maximum}, got {value!r}")


class Choice(Validator):
    """The value is one of these; a combo box offers them in this order."""

    def __init__(self, choices: Iterable[Any]) -> None:
        self.choices = list(choices)

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"expected one of {self.choices}, got {value!r}")


class Exclude(Validator):
    """The value is none of these."""

    def __init__(self, excluded: Iterable[Any]) -> None:
        self.excluded = list(excluded)

    def validate(self, value: Any) -> None:
        if value in self.excluded:
            raise ValueError(f"expected none of {self.excluded}, got {value!r}")
