"""The section of the dialog for catalogues beside the shipped one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from ...catalog.contacts import hosts_of_catalogues, kept_catalogues
from ...catalog.places import CATALOGUES_VARIABLE
from ...catalog.settings import ModelSettings
from ...engine.signal import Signal
from ...errors import UserError
from ..selectors import as_tool_tip
from .actions import ModelActions
from .jobs import ModelJobs
from .texts import contact_text


class CataloguesBox:
    """Remembers catalogues and forgets them; they are read when the user wants it, and what that contacts is told.

    box = CataloguesBox(ui, settings, jobs, actions)
    box.on_failed.connect(tell)         # a UserError
    box.refresh()
    """

    def __init__(self, ui: Any, settings: ModelSettings, jobs: ModelJobs, actions: ModelActions) -> None:
        self.on_failed = Signal()
        self.ui = ui
        self._settings = settings
        self._jobs = jobs
        self._actions = actions
        ui.placeEdit.connect("textChanged(QString)", self.refreshButtons)
        ui.placeEdit.connect("returnPressed()", self.onAdd)
        ui.addButton.connect("clicked(bool)", self.onAdd)
        ui.forgetButton.connect("clicked(bool)", self.onForget)
        ui.readButton.connect("clicked(bool)", self.onRead)
        ui.cataloguesList.connect("itemSelectionChanged()", self.refreshButtons)
        jobs.on_changed.connect(self.refreshButtons)

    def refresh(self) -> None:
        """List the catalogues that are remembered; none of them is read."""
        try:
            places = kept_catalogues(self._settings)
        except UserError as error:
            places = ()
            self.on_failed.emit(error)
        self.ui.cataloguesList.clear()
        self.ui.cataloguesList.addItems(list(places))
        told: str = _("Reading {contacts}.")
        self.ui.readingLabel.text = told.format(contacts=contact_text(hosts_of_catalogues(places))) if places else ""
        self.refreshButtons()

    def refreshButtons(self) -> None:
        """Enable what can be done now."""
        self.ui.addButton.enabled = bool(self.ui.placeEdit.text.strip())
        self.ui.forgetButton.enabled = bool(self.ui.cataloguesList.selectedItems())
        self.ui.readButton.enabled = self.ui.cataloguesList.count > 0 and not self._jobs.busy
        self.ui.readButton.toolTip = as_tool_tip(self.ui.readingLabel.text or _("Add a catalogue first."))

    def onAdd(self) -> None:
        """Remember a catalogue; it is not read yet."""
        place = self.ui.placeEdit.text.strip()
        if not place:
            return
        try:
            self._settings.add_catalogue(place if "://" in place else str(Path(place).expanduser().absolute()))
        except UserError as error:
            self.on_failed.emit(error)
        else:
            self.ui.placeEdit.text = ""
        self.refresh()

    def onForget(self) -> None:
        """Forget the chosen catalogue; models that were fetched by it stay."""
        try:
            for item in self.ui.cataloguesList.selectedItems():
                self._forget(item.text())
        except UserError as error:
            self.on_failed.emit(error)
        self.refresh()

    def onRead(self) -> None:
        """Read all of them."""
        try:
            self._actions.read_catalogues()
        except UserError as error:
            self.on_failed.emit(error)

    def _forget(self, place: str) -> None:
        if place not in self._settings.read().catalogues:
            cause: str = _("{place} is not remembered here").format(place=place)
            next_step: str = _("take it out of the environment variable {name}").format(name=CATALOGUES_VARIABLE)
            raise UserError(cause, next_step=next_step)
        self._settings.remove_catalogue(place)
