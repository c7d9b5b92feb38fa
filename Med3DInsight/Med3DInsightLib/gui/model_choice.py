"""Which models there are, what is known about each, and whether one suits a volume."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Iterator, Sequence

from slicer.i18n import tr as _

from ..bundles import HeadKind, ModelCard
from ..bundles.vocabulary import Vocabulary
from ..catalog.errors import CatalogueError
from ..catalog.installed import InstalledModels
from ..errors import UserError
from ..volumes import Modality, Volume

_AIR_HU = -200.0
_MOST_RESULTS = 3


def segments(card: ModelCard) -> bool:
    """Whether a model labels structures."""
    return card.architecture.head == HeadKind.SEGMENTATION


def classifies(card: ModelCard) -> bool:
    """Whether a model says what a whole volume is."""
    return card.architecture.head == HeadKind.CLASSIFICATION


def reads_slices(card: ModelCard) -> bool:
    """Whether a model is a pretrained encoder that reads slices: attention and text search work with it."""
    return card.architecture.psat is not None


class ModelChoice:
    """The installed models as a panel shows them.

    choice = ModelChoice(InstalledModels(), segments)
    choice.names("cortex")           # models that say "cortex" somewhere on their card
    choice.details_html("brain-structures")

    suits tells of a card whether the panel has a use for the model.
    """

    def __init__(self, models: InstalledModels, suits: Callable[[ModelCard], bool]) -> None:
        self._models = models
        self._suits = suits

    def names(self, search: str = "") -> list[str]:
        """The models of use whose name, description, structures or modalities contain every word of search.

        What cannot be read is left out, so that the rest can be used; the dialog "Models" tells what is wrong.
        """
        words = search.lower().split()
        return [
            name
            for name, card in self._readable()
            if self._suits(card) and all(word in _text_of(card) for word in words)
        ]

    def first(self, suits: Callable[[ModelCard], bool]) -> str:
        """The first of the installed models that suits; "" if there is none."""
        return next((name for name, card in self._readable() if suits(card)), "")

    def card(self, name_or_folder: str) -> ModelCard:
        """The card of a model, by the name of an installed one or its folder; raises BundleError if there is none."""
        return self._models.find(name_or_folder).card

    def phrases(self, name_or_folder: str) -> tuple[str, ...]:
        """The phrases that a model knows by itself; raises BundleError if its vocabulary is damaged."""
        vocabulary = Vocabulary.of(self._models.find(name_or_folder))
        return () if vocabulary is None else vocabulary.phrases

    def details_html(self, name_or_folder: str) -> str:
        """What a user should know before choosing a model, as rich text."""
        return card_as_html(self.card(name_or_folder))

    def warning(self, name_or_folder: str, volume: Volume) -> str:
        """Why the model probably does not suit the volume, or nothing."""
        modalities = self.card(name_or_folder).modalities
        modality = volume.modality
        if modality == Modality.UNKNOWN and float(volume.array_kji.min()) <= _AIR_HU:
            modality = Modality.CT  # air is far below zero in Hounsfield units, and nothing is in MR
        if modality != Modality.UNKNOWN and modality.value not in modalities:
            told: str = _("This looks like {found}; the model expects {expected}. The result may be meaningless.")
            return told.format(found=modality.value, expected=_(" or ").join(modalities))
        return ""

    def _readable(self) -> Iterator[tuple[str, ModelCard]]:
        for name in self._installed():
            try:
                yield name, self.card(name)
            except UserError as error:
                logging.warning("The model '%s' is not offered: %s", name, error)

    def _installed(self) -> list[str]:
        try:
            return self._models.names()
        except CatalogueError as error:
            logging.warning("Only models that come with the extension are offered: %s", error)
            return self._models.shipped.names()


def card_as_html(card: ModelCard) -> str:
    """What a card says, as rich text; of many results the first few."""
    rows = [
        (_("Segments"), ", ".join(segment.name for segment in card.segments)),
        (_("Tells apart"), ", ".join(card.class_names)),
        (_("Reads slices"), card.teacher and _("as {teacher} would describe them").format(teacher=card.teacher)),
        (_("Images"), ", ".join(card.modalities)),
        (_("Measured"), _measured(card)),
        (_("Seen"), " ".join(card.observations)),
        (_("Trained on"), card.trained_on),
        (_("Licence"), card.licence),
        (_("Cite"), card.citation),
    ]
    return "<br>".join([html.escape(card.description), *rows_as_html(rows)])


def rows_as_html(rows: Sequence[tuple[str, str]]) -> list[str]:
    """A line of rich text for every label with a text."""
    return [f"<b>{label}:</b> {html.escape(text)}" for label, text in rows if text]


def models_as_html(models: InstalledModels) -> str:
    """One paragraph of rich text per installed model; one that cannot be read is told in its place."""
    choice, paragraphs = ModelChoice(models, lambda card: True), []
    try:
        names = models.names()
    except CatalogueError as error:
        return html.escape(str(error))
    for name in names:
        try:
            paragraphs.append(f"<b>{html.escape(choice.card(name).title)}</b><br>{choice.details_html(name)}")
        except UserError as error:
            paragraphs.append(html.escape(str(error)))
    none: str = _("No models are installed.")
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) or none


def _measured(card: ModelCard) -> str:
    told = [f"{result.measure} {result.value:.2f} ({result.dataset})" for result in card.results[:_MOST_RESULTS]]
    more = len(card.results) - len(told)
    if more:
        told.append(_("and {count} more on the card").format(count=more))
    not_yet: str = _("not yet")
    return ", ".join(told) or not_yet


def _text_of(card: ModelCard) -> str:
    named = [segment.name for segment in card.segments]
    texts = [card.name, card.title, card.description, *card.modalities, *named, *card.class_names]
    return " ".join(texts).lower()
