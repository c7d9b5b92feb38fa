"""What an evaluation found in a case, and its form in the file of finished cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from Med3DInsightLib.volumes.source_files import Fingerprint

from ..datasets.cases import Case
from .segmentation.measures import StructureScores, mean_over_structures


@dataclass(frozen=True)
class CaseResult:
    """What one model got in one case, and what had to be done on the way (a label on another grid, little memory)."""

    structures: tuple[StructureScores, ...]
    notices: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, entries: Any) -> CaseResult:
        """The result that as_json() wrote; raises pydantic.ValidationError for anything else."""
        return _RESULT.validate_python(entries)

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)


_RESULT = TypeAdapter(CaseResult)


@dataclass(frozen=True)
class EvaluatedCase:
    """A case, the content of its files, and the result of every model."""

    case: Case
    image: Fingerprint
    label: Fingerprint
    results: tuple[CaseResult, ...]


@dataclass(frozen=True)
class SkippedCase:
    """A case that could not be used, and why."""

    name: str
    error: str


def worst_cases(cases: Sequence[EvaluatedCase], count: int) -> list[EvaluatedCase]:
    """The cases with the lowest mean Dice of the first model, the worst first; those without one do not count."""
    ranked = [(dice, each.case.name, each) for each in cases if (dice := _mean_dice(each)) is not None]
    return [each for _, _, each in sorted(ranked, key=lambda entry: entry[:2])[:count]]


def _mean_dice(each: EvaluatedCase) -> float | None:
    return mean_over_structures(each.results[0].structures)
