"""The content of the dialog "Models": a list, what is known of the chosen one, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...catalog.contacts import host_of_source, hosts_of_catalogues, kept_catalogues
from ...catalog.installed import Place
from ...catalog.listing import ListedModel
from ...catalog.settings import ModelSettings
from ...engine.messages import ProgressMessage
from ...errors import UserError
from ..job_in_hand import was_cancelled
from ..selectors import as_tool_tip
from .actions import ModelActions
from .jobs import ModelJobs
from .known_models import KnownModels
from .model_table import ModelTable
from .texts import contact_text, details_html, progress_text


class ModelsPanel:
    """Connects the widgets of Med3DInsightCatalogue.ui with what can be done.

        panel = ModelsPanel(ui, known, settings, jobs, actions)
        panel.refresh()         # reads what is on this computer, and nothing else
        panel.stop()

    It holds no state but what is on the screen.
    """

    def __init__(
        self, ui: Any, known: KnownModels, settings: ModelSettings, jobs: ModelJobs, actions: ModelActions
    ) -> None:
        self.ui = ui
        self.jobs = jobs
        self._known = known
        self._settings = settings
        self._actions = actions
        self._table = ModelTable(ui.modelsTable)
        ui.searchEdit.connect("textChanged(QString)", self.refresh)
        ui.installedCheckBox.connect("toggled(bool)", self.refresh)
        ui.modelsTable.connect("itemSelectionChanged()", self.onChosen)
        ui.downloadButton.connect("clicked(bool)", self.onDownload)
        ui.cancelButton.connect("clicked(bool)", self.onCancel)
        ui.importButton.connect("clicked(bool)", self.onImport)
        ui.verifyButton.connect("clicked(bool)", self.onVerify)
        ui.removeButton.connect("clicked(bool)", self.onRemove)
        ui.folderButton.connect("clicked(bool)", self.onFolder)
        jobs.on_progress.connect(self.onProgress)
        jobs.on_failed.connect(self.onFailed)
        jobs.on_changed.connect(self.refreshButtons)
        actions.on_told.connect(self.onTold)
        actions.on_installed.connect(self.onInstalled)
        actions.on_catalogues.connect(self.refresh)

    @property
    def chosen(self) -> ListedModel | None:
        """The model of the chosen row, as it is now."""
        name = self._table.chosen
        return self._known.named(name) if name else None

    def refresh(self) -> None:
        """List what is known now; the chosen model stays chosen if it is listed."""
        try:
            models = self._known.matching(self.ui.searchEdit.text, self.ui.installedCheckBox.checked)
        except UserError as error:
            models = []
            self.onFailed(error)
        self._table.show(models, self._known.size_bytes)
        self.onChosen()

    def stop(self) -> None:
        """Stop what runs, and end its worker."""
        self.jobs.close()
        self.onTold("")

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted, and after a reload no file is read as before."""
        self.jobs.on_changed.disconnect(self.refreshButtons)
        self.jobs.close()

    def onChosen(self) -> None:
        """Show what is known of the chosen model."""
        model = self.chosen
        folder = None if model is None else self._known.installed.folder_of(model.name)
        self.ui.detailsText.setHtml("" if model is None else details_html(model, folder))
        self.refreshButtons()

    def refreshButtons(self) -> None:
        """Enable what can be done now; tooltips say why the rest cannot, and what is contacted."""
        model, busy = self.chosen, self.jobs.busy
        waits: str = _("Something is being done; wait for it, or cancel it.") if busy else ""
        none: str = "" if model is not None else _("Choose a model.")
        self._enable(self.ui.downloadButton, waits or none or self._whyNotDownload(model), self._downloading(model))
        self._enable(self.ui.importButton, waits, _("Copy a model from a folder, such as one on a USB drive."))
        self._enable(self.ui.verifyButton, waits, _("Look for damage in the chosen model, or else in all."))
        own: str = "" if model is None or self._known.is_removable(model) else _("It is not in the folder of models.")
        self._enable(self.ui.removeButton, waits or none or own, _("Delete the model from the folder of models."))
        missing: str = "" if model is None or model.place is not None else _("It is not installed.")
        self._enable(self.ui.folderButton, none or missing, _("Show the folder of the model."))
        self.ui.cancelButton.enabled = busy
        self.ui.downloadButton.text = _("Update") if model is not None and model.update else _("Download")
        self.ui.contactLabel.text = "" if model is None or not model.can_be_fetched else self._downloading(model)

    def onDownload(self) -> None:
        """Fetch the chosen model."""
        model = self.chosen
        if model is not None:
            self._begin(lambda: self._actions.download(model))

    def onCancel(self) -> None:
        """Ask the job to stop."""
        self.ui.statusLabel.text = _("Stopping")
        self.jobs.cancel()

    def onImport(self) -> None:
        """Copy a model from a folder that the user chooses."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder of the model to import"))
        if folder:
            self._begin(lambda: self._actions.import_folder(Path(folder)))

    def onVerify(self) -> None:
        """Look for damage."""
        model = self.chosen
        names = (model.name,) if model is not None and model.place is not None else ()
        self._begin(lambda: self._actions.verify(names))

    def onRemove(self) -> None:
        """Remove the chosen model."""
        model = self.chosen
        if model is not None:
            self._begin(lambda: self._actions.remove(model))

    def onFolder(self) -> None:
        """Show the folder of the chosen model in the file manager."""
        model = self.chosen
        folder = None if model is None else self._known.installed.folder_of(model.name)
        if folder is not None:
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(folder)))

    def onProgress(self, progress: ProgressMessage) -> None:
        """Show how far the job is and how long it will take."""
        self.ui.progressBar.value = round(1000 * progress.fraction)
        self.ui.statusLabel.text = progress_text(progress)

    def onTold(self, text: str) -> None:
        """Say what came of it."""
        self.ui.progressBar.value = 0
        self.ui.statusLabel.text = text

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do."""
        stopped: str = _("Cancelled. What is here stays, and the next download goes on from there.")
        self.onTold(stopped if was_cancelled(error) else str(error))

    def onInstalled(self, name: str) -> None:
        """List what is there now, and choose it."""
        self.refresh()
        self._table.choose(name)

    def _begin(self, start: Callable[[], bool]) -> None:
        self.onTold("")
        try:
            begun = start()
        except UserError as error:
            self.onFailed(error)
            return
        if begun and self.jobs.busy:
            self.ui.statusLabel.text = _("Starting")

    def _whyNotDownload(self, model: ListedModel | None) -> str:
        why = ""
        if model is None or model.place == Place.SHIPPED:
            why = _("It comes with the extension.")
        elif not model.can_be_fetched:
            why = _("No catalogue that was read says where it is.")
        return why

    def _downloading(self, model: ListedModel | None) -> str:
        """What downloading a model contacts: where it is, and the catalogues, which are read again for it."""
        source = "" if model is None or model.entry is None else host_of_source(model.entry.source)
        try:
            hosts = [*([source] if source else []), *hosts_of_catalogues(kept_catalogues(self._settings))]
        except UserError as error:  # the settings are damaged
            return str(error)
        told: str = _("Downloading {contacts}.")
        return told.format(contacts=contact_text(list(dict.fromkeys(hosts))))

    @staticmethod
    def _enable(button: Any, why_not: str, tip: str) -> None:
        button.enabled = not why_not
        button.toolTip = as_tool_tip(why_not or tip)
