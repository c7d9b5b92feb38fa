"""What a report says whatever was measured: how, with which models, and in which cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic

from Med3DInsightLib.export.provenance import NOTICE

from .evaluated_case import CaseT, EvaluatedCase, ResultT, SkippedCase
from .met_images import MetImages
from .model import ModelFacts

_FORMAT_VERSION = 2


@dataclass(frozen=True)
class ReportHead(Generic[CaseT, ResultT]):
    """One or two models on some cases: models, met and the results of each case are in the same order.

    met tells which of the cases a model met while it was trained. settings is everything else that decides the
    figures. Nothing in it depends on when or how fast it ran.
    """

    command: str
    settings: Mapping[str, Any]
    models: tuple[ModelFacts, ...]
    met: tuple[MetImages, ...]
    cases: tuple[EvaluatedCase[CaseT, ResultT], ...]
    skipped: tuple[SkippedCase, ...]

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
        """That figures are too good, because a model met the images while it was trained."""
        pairs = zip(self.titles, self.met, strict=True)
        return tuple(text for title, met in pairs for text in met.warnings(title, len(self.cases)))

    def as_json(
        self,
        warnings: Sequence[str],
        figures: Sequence[Mapping[str, Any]],
        comparison: Any,
        cases: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        """The content of report.json, with the figures of each model, their comparison, and the cases."""
        return {
            "format_version": _FORMAT_VERSION,
            "notice": NOTICE,
            "command": self.command,
            "settings": dict(self.settings),
            "warnings": list(warnings),
            "models": [
                {**asdict(facts), **asdict(met), **of_model}
                for facts, met, of_model in zip(self.models, self.met, figures, strict=True)
            ],
            "comparison": comparison,
            "cases": list(cases),
            "skipped": [asdict(each) for each in self.skipped],
        }
