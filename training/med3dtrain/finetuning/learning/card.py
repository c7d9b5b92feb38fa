"""What the card of a fine-tuned model says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from Med3DInsightLib.bundles import Architecture, Measurement, ModelCard
from Med3DInsightLib.bundles.card import FORMAT_VERSION
from Med3DInsightLib.volumes import Recipe, Segment

from ..settings.about import AboutSettings


def draft_card(
    about: AboutSettings,
    architecture: Architecture,
    recipe: Recipe,
    modalities: Sequence[str],
    learnt_from: Sequence[str],
    measured_with: Sequence[str],
    trained_on: str,
    segments: Sequence[Segment] = (),
    class_names: Sequence[str] = (),
) -> ModelCard:
    """What a card says before training; learnt_from and measured_with are hashes of images.

    An encoder to start from has its part in learnt_from.
    """
    return ModelCard(
        format_version=FORMAT_VERSION,
        name=about.name,
        version=about.version,
        title=about.title or about.name,
        description=about.description,
        modalities=tuple(sorted(set(about.modalities or modalities))),
        architecture=architecture,
        recipe=recipe,
        segments=tuple(segments),
        trained_on=about.trained_on or trained_on,
        licence=about.licence,
        citation=about.citation,
        results=(),
        observations=about.observations,
        weights_sha256="",
        learnt_from=tuple(sorted(set(learnt_from))),
        measured_with=tuple(sorted(measured_with)),
        class_names=tuple(class_names),
    )


def measured_card(card: ModelCard, figures: Mapping[str, float], command: str) -> ModelCard:
    """The card with what was measured; figures of test cases have names that begin with "test "."""
    validation = f"{len(card.measured_with)} validation cases, not learnt from; when to stop was chosen with them"
    results = tuple(
        Measurement("test cases" if name.startswith("test ") else validation, name, round(value, 4), command)
        for name, value in figures.items()
    )
    return replace(card, results=(*card.results, *results))
