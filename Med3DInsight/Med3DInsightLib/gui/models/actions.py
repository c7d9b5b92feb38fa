"""What can be done with models: fetching, importing, looking for damage, removing, and reading catalogues."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from ...bundles import Bundle, ModelCard
from ...catalog.bundle_folder import BundleFolder
from ...catalog.errors import StoreError
from ...catalog.installed import Place
from ...catalog.listing import ListedModel
from ...catalog.requests import (
    CataloguesRead,
    CataloguesRequest,
    GetModelRequest,
    ImportModelRequest,
    InstalledModel,
    VerifiedModel,
    VerifyModelsRequest,
)
from ...catalog.settings import ModelSettings
from ...engine.signal import Signal
from .jobs import ModelJobs
from .known_models import KnownModels
from .questions import ask_licence, ask_remove, ask_replace

_PATIENCE_SECONDS = 2.0


class ModelActions:
    """Asks what has to be asked, starts jobs, and tells what came of them.

        actions = ModelActions(known, ModelSettings(), ModelJobs(timer))
        actions.on_told.connect(show)           # one line
        actions.on_installed.connect(refresh)   # the name of a model that is there now, or no longer
        actions.download(known.named("liver"))

    Everything returns whether it was begun, raises UserError if it cannot be, and else fails by jobs.on_failed.
    """

    def __init__(self, known: KnownModels, settings: ModelSettings, jobs: ModelJobs) -> None:
        self.on_told = Signal()
        self.on_installed = Signal()
        self.on_catalogues = Signal()
        self._known = known
        self._settings = settings
        self._jobs = jobs

    def download(self, model: ListedModel) -> bool:
        """Fetch a model of a catalogue, in place of another version of it."""
        store = self._known.installed.store.folder
        if not self._is_accepted(model.name, model.entry.licence if model.entry else model.licence):
            return False
        request = GetModelRequest(model.name, store=store, accept_licence=True, replace=bool(model.update))
        self._jobs.take(lambda catalog: catalog.get(request), self._installed)
        return True

    def import_folder(self, folder: Path) -> bool:
        """Copy a bundle into the store."""
        BundleFolder(folder).refuse_strangers()
        card = Bundle.open(folder).card
        installed = self._known.named(card.name)
        if not self._is_accepted(card.name, card.licence) or not _may_take_place(card, installed):
            return False
        request = ImportModelRequest(folder, self._known.installed.store.folder, accept_licence=True, replace=True)
        self._jobs.take(lambda catalog: catalog.import_model(request), self._installed)
        return True

    def verify(self, names: tuple[str, ...]) -> bool:
        """Look for damage in models, or in all that are installed."""
        request = VerifyModelsRequest(names, self._known.installed.store.folder)
        self._jobs.take(lambda catalog: catalog.verify(request), self._verified)
        return True

    def remove(self, model: ListedModel) -> bool:
        """Remove a model from the store."""
        store = self._known.installed.store
        if not ask_remove(model.name, str(store.folder_of(model.name))):
            return False
        store.remove(model.name, _impatience(model.name))
        self._tell(_("'{name}' was removed."), name=model.name)
        self.on_installed.emit(model.name)
        return True

    def read_catalogues(self) -> bool:
        """Read the catalogues of the settings and of the environment; what they list is known from then on."""
        self._jobs.take(lambda catalog: catalog.catalogues(CataloguesRequest()), self._read)
        return True

    def _is_accepted(self, name: str, licence: str) -> bool:
        return self._settings.accepts(name, licence) or ask_licence(name, licence)

    def _installed(self, model: InstalledModel) -> None:
        self._tell(_("'{name}' {version} is installed and can be chosen."), name=model.name, version=model.version)
        self.on_installed.emit(model.name)

    def _verified(self, models: tuple[VerifiedModel, ...]) -> None:
        damaged = [f"{model.name}: {model.damage}" for model in models if model.damage]
        if damaged:
            self._tell(_("Damaged: {models}"), models="; ".join(damaged))
        else:
            self._tell(_("{count} models were looked at; every file is as it should be."), count=len(models))

    def _read(self, read: CataloguesRead) -> None:
        self._known.take(read.catalogues)
        self.on_catalogues.emit()
        count: str = _("{count} catalogues were read.").format(count=len(read.catalogues))
        self.on_told.emit("; ".join(read.problems) or count)

    def _tell(self, text: str, **values: Any) -> None:
        self.on_told.emit(text.format(**values))


def _may_take_place(card: ModelCard, installed: ListedModel | None) -> bool:
    """Whether a card may take the place of the model of its name; no need to ask if it is the same or damaged."""
    if installed is None or installed.place != Place.STORE or installed.card in (None, card):
        return True
    return ask_replace(card.name, installed.version, card.version)


def _impatience(name: str) -> Callable[[], None]:
    """A check that ends the waiting for another process, since nothing can be clicked meanwhile."""
    until = time.monotonic() + _PATIENCE_SECONDS

    def check() -> None:
        if time.monotonic() > until:
            cause = _("another process is changing '{name}'").format(name=name)
            raise StoreError(cause, next_step=_("try again when it has finished"))

    return check
