"""Everything an evaluation of classification found, as one value and as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from ..intervals import BootstrapSettings, Interval
from ..report_head import ReportHead
from .cases import ClassCase
from .result import CaseAnswer, ClassifiedCaseResult
from .summary import ModelComparison, ModelSummary, comparison, summary


@dataclass(frozen=True)
class ClassificationReport:
    """Summaries are in the order of the models of the head; comparison is None for one model."""

    head: ReportHead[ClassCase, CaseAnswer]
    class_names: tuple[str, ...]
    summaries: tuple[ModelSummary, ...]
    comparison: ModelComparison | None

    @classmethod
    def of(
        cls, head: ReportHead[ClassCase, CaseAnswer], class_names: tuple[str, ...], bootstrap: BootstrapSettings
    ) -> ClassificationReport:
        """The report of cases that have an answer of each model."""
        summaries = tuple(summary(head.cases, number, bootstrap) for number in range(len(head.models)))
        compared = comparison(head.cases, bootstrap) if len(head.models) == 2 else None
        return cls(head, class_names, summaries, compared)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know before the figures."""
        counts = [sum(line) for line in self.summaries[0].scores.confusion]
        absent = tuple(
            f"no case has the class {name}; the mean of classes is without it"
            for name, count in zip(self.class_names, counts, strict=True)
            if not count
        )
        return (*self.head.warnings, *absent)

    @property
    def lines(self) -> tuple[str, ...]:
        """The scores of every model."""
        return tuple(
            f"{title}: " + ", ".join(f"{name} {_told(value)}" for name, value in each.scores.named.items())
            for title, each in zip(self.head.titles, self.summaries, strict=True)
        )

    def as_json(self) -> dict[str, Any]:
        """The content of report.json; a measure without a value is null."""
        return self.head.as_json(
            self.warnings,
            [self._summary(each) for each in self.summaries],
            _comparison(self.comparison) if self.comparison else [],
            [self._case(each) for each in self.head.cases],
        )

    def _summary(self, each: ModelSummary) -> dict[str, Any]:
        scores = each.scores
        return {
            "class_names": list(self.class_names),
            "summary": [
                {"measure": name, "cases": scores.cases, **_interval(value)} for name, value in scores.named.items()
            ],
            "auc_by_class": {
                name: _interval(value) for name, value in zip(self.class_names, scores.auc_by_class, strict=True)
            },
            "confusion": [list(line) for line in scores.confusion],
            "reliability": [asdict(part) for part in each.curve],
            "unfamiliar_cases": each.unfamiliar,
        }

    def _case(self, each: ClassifiedCaseResult) -> dict[str, Any]:
        results = [
            {
                "class": self.class_names[answer.class_number],
                "probabilities": dict(zip(self.class_names, answer.probabilities, strict=True)),
                "unlikeness": answer.unlikeness,
                "is_unfamiliar": answer.is_unfamiliar,
            }
            for answer in each.results
        ]
        return each.as_json({"class": self.class_names[each.case.class_number]}, results)


def _interval(interval: Interval | None) -> dict[str, Any]:
    """Its value and both ends, null where there is none."""
    if interval is None or math.isnan(interval.value):
        return {"value": None, "interval": None}
    return {"value": interval.value, "interval": [interval.low, interval.high]}


def _told(interval: Interval) -> str:
    if math.isnan(interval.value):
        return "none"
    ends = "" if interval.low is None or interval.high is None else f" ({interval.low:.3f} to {interval.high:.3f})"
    return f"{interval.value:.3f}{ends}"


def _comparison(found: ModelComparison) -> list[dict[str, Any]]:
    by_case = [{"measure": measure.value, **asdict(compared)} for measure, compared in found.by_case.items()]
    return [*by_case, {"measure": "auc", **_interval(found.auc_difference)}]
