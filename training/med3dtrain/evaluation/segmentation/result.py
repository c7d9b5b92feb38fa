"""What an evaluation found in a case, and its form in the file of finished cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from ...datasets.cases import Case
from ..evaluated_case import EvaluatedCase
from .measures import StructureScores, mean_over_structures


@dataclass(frozen=True)
class SegmentationCaseResult:
    """What one model got in one case, and what had to be done on the way (a label on another grid, little memory)."""

    structures: tuple[StructureScores, ...]
    notices: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, entries: Any) -> SegmentationCaseResult:
        """The result that as_json() wrote; raises pydantic.ValidationError for anything else."""
        return _RESULT.validate_python(entries)

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)


_RESULT = TypeAdapter(SegmentationCaseResult)

SegmentedCase = EvaluatedCase[Case, SegmentationCaseResult]


def worst_cases(cases: Sequence[SegmentedCase], count: int) -> list[SegmentedCase]:
    """The cases with the lowest mean Dice of the first model, the worst first; those without one do not count."""
    ranked = [(dice, each.case.name, each) for each in cases if (dice := _mean_dice(each)) is not None]
    return [each for _, _, each in sorted(ranked, key=lambda entry: entry[:2])[:count]]


def _mean_dice(each: SegmentedCase) -> float | None:
    return mean_over_structures(each.results[0].structures)
