"""What the card of a fine-tuned model says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from Med3DInsightLib.bundles import Architecture, Measurement, ModelCard
from Med3DInsightLib.bundles.card import FORMAT_VERSION

from .case_list import CaseList, image_hashes
from .plan import Plan
from .recipe import AboutSettings


def draft_card(about: AboutSettings, cases: CaseList, plan: Plan, architecture: Architecture) -> ModelCard:
    """Everything that is known before training; hashes tell which images were learnt from and measured with."""
    modalities = sorted({each.found.modality.value for each in cases.training})
    return ModelCard(
        format_version=FORMAT_VERSION,
        name=about.name,
        version=about.version,
        title=about.title or about.name,
        description=about.description or f"Segments {', '.join(segment.name for segment in cases.segments)}.",
        modalities=tuple(modalities),
        architecture=architecture,
        recipe=plan.recipe,
        segments=cases.segments,
        trained_on=about.trained_on or f"{len(cases.training)} volumes with label maps",
        licence=about.licence,
        citation=about.citation,
        results=(),
        observations=about.observations,
        weights_sha256="",
        learnt_from=image_hashes(cases.training),
        measured_with=image_hashes(cases.validation),
    )


def measured_card(card: ModelCard, figures: Mapping[str, float], command: str) -> ModelCard:
    """The card with what was measured on the validation cases."""
    dataset = f"{len(card.measured_with)} validation cases, not learnt from; chosen with them: when to stop"
    results = tuple(
        Measurement(dataset, "mean Dice" if name == "score" else name, round(value, 4), command)
        for name, value in figures.items()
    )
    return replace(card, results=results)
