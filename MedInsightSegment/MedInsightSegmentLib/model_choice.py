"""Which models there are, what is known about each, and whether one suits a volume."""

from __future__ import annotations

import html

from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.volumes import Modality, Volume

_AIR_HU = -200.0


class ModelChoice:
    """The installed models as a panel shows them.

    choice = ModelChoice(ShippedModels())
    choice.names("grey")             # models that say "grey" somewhere on their card
    choice.details_html("brain-tissue")
    """

    def __init__(self, models: ShippedModels) -> None:
        self._models = models

    def names(self, search: str = "") -> list[str]:
        """The models whose name, description, structures or modalities contain every word of search.

        Raises BundleError if a bundle is damaged.
        """
        words = search.lower().split()
        return [name for name in self._models.names() if all(word in self._text_of(name) for word in words)]

    def card(self, name: str) -> ModelCard:
        """The card of a model; raises BundleError if there is none."""
        return self._models.find(name).card

    def details_html(self, name: str) -> str:
        """What a user should know before choosing a model, as rich text."""
        card = self.card(name)
        measured = ", ".join(f"{result.measure} {result.value:.2f} ({result.dataset})" for result in card.results)
        rows = [
            ("Segments", ", ".join(segment.name for segment in card.segments)),
            ("Images", ", ".join(card.modalities)),
            ("Measured", measured or "not yet"),
            ("Trained on", card.trained_on),
            ("Licence", card.licence),
            ("Cite", card.citation),
        ]
        lines = [f"<b>{label}:</b> {html.escape(text)}" for label, text in rows]
        return "<br>".join([html.escape(card.description), *lines])

    def warning(self, name: str, volume: Volume) -> str:
        """Why the model probably does not suit the volume, or nothing."""
        modalities = self.card(name).modalities
        modality = volume.modality
        if modality == Modality.UNKNOWN and float(volume.array_kji.min()) <= _AIR_HU:
            modality = Modality.CT  # air is far below zero in Hounsfield units, and nothing is in MR
        if modality != Modality.UNKNOWN and modality.value not in modalities:
            expected = " or ".join(modalities)
            return f"This looks like {modality.value}; the model expects {expected}. The result may be meaningless."
        return ""

    def _text_of(self, name: str) -> str:
        card = self.card(name)
        segments = [segment.name for segment in card.segments]
        return " ".join([card.name, card.title, card.description, *card.modalities, *segments]).lower()
