"""What a model answers in a case, and its form in the file of finished cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from ..evaluated_case import EvaluatedCase
from .cases import ClassCase

_SMALLEST = 1e-15


@dataclass(frozen=True)
class CaseAnswer:
    """The probability of every class, in the order of the first model, and how unlike the training data the case is.

    unlikeness is None if the model does not know; is_unfamiliar tells whether it is so high that probabilities mean
    little (see ClassificationResult).
    """

    probabilities: tuple[float, ...]
    unlikeness: float | None
    is_unfamiliar: bool
    notices: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, entries: Any) -> CaseAnswer:
        """The answer that as_json() wrote; raises pydantic.ValidationError for anything else."""
        return _ANSWER.validate_python(entries)

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)

    @property
    def class_number(self) -> int:
        """The most probable class; of equal ones the first."""
        return max(range(len(self.probabilities)), key=lambda number: self.probabilities[number])

    @property
    def confidence(self) -> float:
        """The probability of the most probable class."""
        return max(self.probabilities)

    def log_loss(self, class_number: int) -> float:
        """- log of the probability of the true class, which counts as 1e-15 at least: it may be rounded to 0."""
        return -math.log(max(self.probabilities[class_number], _SMALLEST))


_ANSWER = TypeAdapter(CaseAnswer)

ClassifiedCaseResult = EvaluatedCase[ClassCase, CaseAnswer]


def is_right(case: ClassifiedCaseResult, model: int = 0) -> bool:
    """Whether the model with that number took the case for what it is."""
    return case.results[model].class_number == case.case.class_number


def worst_cases(cases: Sequence[ClassifiedCaseResult], count: int) -> list[ClassifiedCaseResult]:
    """The wrong answers of the first model, the most confident ones first."""
    wrong = [each for each in cases if not is_right(each)]
    return sorted(wrong, key=lambda each: (-each.results[0].confidence, each.case.name))[:count]
