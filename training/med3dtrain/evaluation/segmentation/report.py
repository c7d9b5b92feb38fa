"""Everything an evaluation of segmentation found, as one value and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...datasets.cases import Case
from ..intervals import BootstrapSettings
from ..report_head import ReportHead
from .measures import Measure, StructureScores
from .result import SegmentationCaseResult, SegmentedCase
from .summary import MeasureSummary, StructureComparison, comparisons, never_labelled, summaries


@dataclass(frozen=True)
class SegmentationReport:
    """Summaries are in the order of the models of the head; comparisons are empty for one model."""

    head: ReportHead[Case, SegmentationCaseResult]
    summaries: tuple[tuple[MeasureSummary, ...], ...]
    comparisons: tuple[StructureComparison, ...]

    @classmethod
    def of(cls, head: ReportHead[Case, SegmentationCaseResult], bootstrap: BootstrapSettings) -> SegmentationReport:
        """The report of cases that have a result for each model."""
        of_models = tuple(tuple(summaries(head.cases, number, bootstrap)) for number in range(len(head.models)))
        compared = tuple(comparisons(head.cases, bootstrap)) if len(head.models) == 2 else ()
        return cls(head, of_models, compared)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know before the figures."""
        names = dict.fromkeys(name for rows in self.summaries for name in never_labelled(rows))
        absent = tuple(
            f"{name} is in none of the label maps; if it was never drawn, its 0 and every mean with it say nothing: "
            "name the structures that are to be measured (--only)"
            for name in names
        )
        return (*self.head.warnings, *absent)

    @property
    def lines(self) -> tuple[str, ...]:
        """The mean Dice of every structure."""
        return tuple(
            f"{title}: Dice of {row.structure} {row.mean.value:.3f} ({len(row.defined)} cases)"
            for title, rows in zip(self.head.titles, self.summaries, strict=True)
            for row in rows
            if row.measure == Measure.DICE and row.mean is not None
        )

    def as_json(self) -> dict[str, Any]:
        """The content of report.json; a measure without a value is null."""
        return self.head.as_json(
            self.warnings,
            [{"summary": [_summary(each) for each in rows]} for rows in self.summaries],
            [_comparison(each) for each in self.comparisons],
            [_case(each) for each in self.head.cases],
        )


def _summary(row: MeasureSummary) -> dict[str, Any]:
    mean = row.mean
    return {
        "structure": row.structure,
        "measure": row.measure.value,
        "cases": len(row.defined),
        "mean": mean.value if mean else None,
        "interval": [mean.low, mean.high] if mean else None,
        "median": row.median,
        "missed": row.missed,
        "invented": row.invented,
        "absent_in_both": row.absent,
    }


def _comparison(row: StructureComparison) -> dict[str, Any]:
    return {"structure": row.structure, "measure": row.measure.value, **asdict(row.comparison)}


def _case(each: SegmentedCase) -> dict[str, Any]:
    results = [
        {"structures": [_structure(scores) for scores in result.structures], "notices": list(result.notices)}
        for result in each.results
    ]
    return each.as_json({}, results)


def _structure(scores: StructureScores) -> dict[str, Any]:
    return {**asdict(scores), "presence": scores.presence.value}
