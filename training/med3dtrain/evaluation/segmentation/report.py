"""Everything an evaluation found, as one value and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from Med3DInsightLib.export.segmentation_folder import NOTICE

from ..evaluated_case import EvaluatedCase, SkippedCase
from ..intervals import BootstrapSettings
from ..model import ModelFacts
from .measures import StructureScores
from .summary import ComparedMeasure, MeasureSummary, comparisons, never_labelled, summaries

_FORMAT_VERSION = 1


@dataclass(frozen=True)
class Report:
    """One or two models on some cases: models, summaries and the results of each case are in the same order.

    settings is everything else that decides the figures. Nothing in it depends on when or how fast it ran.
    """

    command: str
    settings: Mapping[str, Any]
    models: tuple[ModelFacts, ...]
    cases: tuple[EvaluatedCase, ...]
    skipped: tuple[SkippedCase, ...]
    summaries: tuple[tuple[MeasureSummary, ...], ...]
    comparisons: tuple[ComparedMeasure, ...]

    @classmethod
    def of(
        cls,
        command: str,
        settings: Mapping[str, Any],
        models: Sequence[ModelFacts],
        cases: Sequence[EvaluatedCase],
        skipped: Sequence[SkippedCase],
        bootstrap: BootstrapSettings,
    ) -> Report:
        """The report of cases that have a result for each of models."""
        of_models = tuple(tuple(summaries(cases, number, bootstrap)) for number in range(len(models)))
        compared = tuple(comparisons(cases, bootstrap)) if len(models) == 2 else ()
        return cls(command, settings, tuple(models), tuple(cases), tuple(skipped), of_models, compared)

    @property
    def titles(self) -> tuple[str, ...]:
        """What each model is called: its name, and as much more as tells it apart from the other."""
        names = [facts.name for facts in self.models]
        versions = [f"{facts.name} {facts.version}" for facts in self.models]
        hashes = [f"{facts.name} {facts.weights_sha256[:8]}" for facts in self.models]
        numbers = [f"{name} ({number})" for number, name in enumerate(names, start=1)]
        told = (titles for titles in (names, versions, hashes, numbers) if len(set(titles)) == len(titles))
        return tuple(next(told))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know before the figures."""
        names = dict.fromkeys(name for rows in self.summaries for name in never_labelled(rows))
        return tuple(
            f"{name} is in none of the label maps; if it was never drawn, its 0 and every mean with it say nothing: "
            "name the structures that are to be measured (--only)"
            for name in names
        )

    def as_json(self) -> dict[str, Any]:
        """The content of report.json; a measure without a value is null."""
        return {
            "format_version": _FORMAT_VERSION,
            "notice": NOTICE,
            "command": self.command,
            "settings": dict(self.settings),
            "warnings": list(self.warnings),
            "models": [
                {**asdict(facts), "summary": [_summary(each) for each in rows]}
                for facts, rows in zip(self.models, self.summaries, strict=True)
            ],
            "comparison": [_comparison(each) for each in self.comparisons],
            "cases": [_case(each) for each in self.cases],
            "skipped": [asdict(each) for each in self.skipped],
        }


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


def _comparison(row: ComparedMeasure) -> dict[str, Any]:
    return {"structure": row.structure, "measure": row.measure.value, **asdict(row.comparison)}


def _case(each: EvaluatedCase) -> dict[str, Any]:
    return {
        "name": each.case.name,
        "image": asdict(each.image),
        "label": asdict(each.label),
        "results": [
            {"structures": [_structure(scores) for scores in result.structures], "notices": list(result.notices)}
            for result in each.results
        ],
    }


def _structure(scores: StructureScores) -> dict[str, Any]:
    return {**asdict(scores), "presence": scores.presence.value}
