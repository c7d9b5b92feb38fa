"""The models of a report, on the page: what they are, and what they can and cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ...bundles import ModelCard
from ..pages.inert_page import element
from ..pages.table import table
from .content import ReportContent
from .markup import Section, quiet
from .model_reference import ModelReference


def models_sections(content: ReportContent) -> Iterator[Section]:
    """One section with the cards of all models; none if no model was used."""
    missing = [model for model in used_models(content) if model not in map(ModelReference.of, content.cards)]
    told = [part for card in content.cards for part in _card(card)]
    told += [
        quiet(f"The card of {model.name} (weights {model.weights_sha256[:16]}) is not at hand.") for model in missing
    ]
    if told:
        yield "Models", told


def used_models(content: ReportContent) -> list[ModelReference]:
    """Every model that a result comes from, once, in the order of the page."""
    used: list[ModelReference | None] = [each.model for each in content.classes]
    used += [each.model for each in content.segmentations]
    used += [each.model for each in content.maps]
    used += [each.model for each in content.found]
    return list(dict.fromkeys(model for model in used if model is not None))


def _card(card: ModelCard) -> Iterator[Element]:
    yield element("h3", card.title)
    rows = [
        ["name", card.name],
        ["version", card.version],
        ["weights (SHA-256)", card.weights_sha256],
        ["images", ", ".join(card.modalities)],
        ["trained on", card.trained_on],
        ["teacher", card.teacher],
        ["licence", card.licence],
        ["citation", card.citation],
    ]
    yield table(["entry", "value"], [row for row in rows if row[1]], kind="facts", named_rows=True)
    yield element("p", card.description)
    if card.results:
        measured = [[each.dataset, each.measure, f"{each.value:.3f}"] for each in card.results]
        yield table(["measured on", "measure", "value"], measured, named_rows=True)
    if card.observations:
        yield element("p", "What was seen of what it can and cannot do:")
        yield element("ul", *(element("li", each) for each in card.observations))
