"""Volumes of which each is of one class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from Med3DInsightLib.volumes import Volume

from .errors import DatasetError
from .split import Subset


@dataclass(frozen=True, eq=False)
class ClassifiedCase:
    """A volume and the number of its class; sha256 is that of its content.

    read() reads the volume, and raises VolumeError, naming the file, if it cannot.
    """

    name: str
    class_number: int
    subset: Subset
    sha256: str
    read: Callable[[], Volume]


@dataclass(frozen=True, eq=False)
class ClassifiedSet:
    """Cases for training, for measuring while training, and perhaps for a test at the end.

    Raises DatasetError if training or validation lacks cases or a class, or if two cases are the same volume on
    different subsets, or on the same subset with different classes.
    """

    class_names: tuple[str, ...]
    cases: tuple[ClassifiedCase, ...]

    def __post_init__(self) -> None:
        for subset in (Subset.TRAINING, Subset.VALIDATION):
            there = Counter(case.class_number for case in self.of(subset))
            absent = [name for number, name in enumerate(self.class_names) if not there[number]]
            if absent:
                raise DatasetError(
                    f"no {subset} case has the class '{absent[0]}'", next_step="give cases of every class"
                )
        first: dict[str, ClassifiedCase] = {}
        for case in self.cases:
            other = first.setdefault(case.sha256, case)
            if (other.subset, other.class_number) != (case.subset, case.class_number):
                raise DatasetError(
                    f"{case.name} ({case.subset}, class '{self.class_names[case.class_number]}') is the same volume as "
                    f"{other.name} ({other.subset}, class '{self.class_names[other.class_number]}')",
                    next_step="keep one of them",
                )

    def of(self, subset: Subset) -> list[ClassifiedCase]:
        """The cases of one subset, in their order."""
        return [case for case in self.cases if case.subset == subset]


def numbered_classes(names: Sequence[str]) -> dict[str, int]:
    """Numbers from 0 on for the names that occur: in order of their values if all are whole numbers, else sorted.

    Raises DatasetError if there is only one.
    """
    distinct = sorted(set(names), key=lambda name: (0, int(name), name) if name.isdecimal() else (1, 0, name))
    if len(distinct) < 2:
        raise DatasetError(f"all cases have the class '{distinct[0]}'" if distinct else "there are no cases")
    return {name: number for number, name in enumerate(distinct)}
