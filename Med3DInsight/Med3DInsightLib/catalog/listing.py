"""Installed models and those that can be fetched, in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..bundles import BundleError, ModelCard
from .catalogue import Catalogue
from .describing import task_of
from .entry import CatalogueEntry, Task
from .errors import CatalogueError
from .installed import InstalledModels, Place
from .licences import is_permissive
from .sources import ShippedSource


@dataclass(frozen=True)
class ListedModel:
    """A model that is installed (place says where), in a catalogue (entry), or both.

    card is there if it is installed and its card can be read; problem says why it cannot.
    """

    name: str
    place: Place | None
    card: ModelCard | None
    entry: CatalogueEntry | None
    problem: str = ""

    @property
    def title(self) -> str:
        """One line that says what it is."""
        return self.card.title if self.card else self.entry.title if self.entry else self.problem

    @property
    def version(self) -> str:
        """The version that is installed, or else the one that can be fetched."""
        return self.card.version if self.card else self.entry.version if self.entry else ""

    @property
    def task(self) -> Task | None:
        """What it does; None if it is damaged and in no catalogue."""
        return task_of(self.card) if self.card else self.entry.task if self.entry else None

    @property
    def modalities(self) -> tuple[str, ...]:
        """The images that it reads."""
        return self.card.modalities if self.card else self.entry.modalities if self.entry else ()

    @property
    def structures(self) -> tuple[str, ...]:
        """What it labels."""
        if self.card:
            return tuple(segment.name for segment in self.card.segments)
        return self.entry.structures if self.entry else ()

    @property
    def classes(self) -> tuple[str, ...]:
        """What it tells apart."""
        return self.card.class_names if self.card else self.entry.classes if self.entry else ()

    @property
    def licence(self) -> str:
        """Its licence."""
        return self.card.licence if self.card else self.entry.licence if self.entry else ""

    @property
    def must_be_accepted(self) -> bool:
        """Whether the licence has to be accepted before the model is fetched."""
        return bool(self.licence) and not is_permissive(self.licence)

    @property
    def can_be_fetched(self) -> bool:
        """Whether a catalogue says where it is."""
        return self.entry is not None and not isinstance(self.entry.source, ShippedSource)

    @property
    def update(self) -> str:
        """The version that a catalogue offers in place of the one that is installed, or nothing."""
        differs = self.card and self.entry and self.can_be_fetched and self.place == Place.STORE
        return self.entry.version if differs and self.entry and self.entry.version != self.version else ""

    def contains(self, words: Sequence[str]) -> bool:
        """Whether every word, in small letters, is somewhere in what is known of the model."""
        task = [self.task] if self.task else []
        description = [self.card.description] if self.card else []
        texts = [self.name, self.title, self.licence, *task, *description]
        text = " ".join([*texts, *self.modalities, *self.structures, *self.classes]).lower()
        return all(word in text for word in words)


class ModelList:
    """Everything that is installed or in one of the catalogues, by name.

        models = ModelList(InstalledModels(), [read_catalogue(shipped_catalogue_path())])
        models.matching("grey matter")

    Raises CatalogueError if two catalogues have a model of the same name.
    """

    def __init__(self, installed: InstalledModels, catalogues: Sequence[Catalogue]) -> None:
        self._installed = installed
        self._entries: dict[str, CatalogueEntry] = {}
        for entry in (entry for catalogue in catalogues for entry in catalogue.models):
            if entry.name in self._entries and self._entries[entry.name] != entry:
                raise CatalogueError(
                    f"two catalogues have a model of the name '{entry.name}'",
                    next_step="leave one of them out; see: med3dinsight models catalogues",
                )
            self._entries[entry.name] = entry

    def matching(self, search: str = "", installed_only: bool = False) -> list[ListedModel]:
        """The models of which every word of search is known, sorted by name."""
        words = search.lower().split()
        installed = self._installed.names()
        # What a catalogue says is shipped and is not here, as in a package without models, cannot be had.
        offered = [name for name, entry in self._entries.items() if not isinstance(entry.source, ShippedSource)]
        names = installed if installed_only else sorted({*installed, *offered})
        models = (self._listed(name) for name in names)
        return [model for model in models if model.contains(words)]

    def named(self, name: str) -> ListedModel:
        """The model of that name; raises CatalogueError, with the names there are, if there is none."""
        models = self.matching()
        for model in models:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in models) or "there are none"
        raise CatalogueError(
            f"no model '{name}' is installed or in a catalogue",
            next_step=f"the names are: {known}; read another catalogue (on the command line: --catalogue PATH_OR_URL)",
        )

    def _listed(self, name: str) -> ListedModel:
        place, entry = self._installed.place_of(name), self._entries.get(name)
        if place is None:
            return ListedModel(name, None, None, entry)
        try:
            return ListedModel(name, place, self._installed.find(name).card, entry)
        except BundleError as error:
            return ListedModel(name, place, None, entry, str(error))
