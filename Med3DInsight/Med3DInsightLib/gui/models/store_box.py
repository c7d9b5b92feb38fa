"""The row of the dialog that says where models are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...catalog.places import STORE_VARIABLE, store_of_environment
from ...catalog.settings import ModelSettings
from ...engine.signal import Signal
from ...errors import UserError
from .jobs import ModelJobs


class StoreBox:
    """Shows the folder of models and lets the user choose another one; models stay where they are.

    box = StoreBox(ui, ModelSettings(), jobs)
    box.on_failed.connect(tell)         # a UserError
    box.on_changed.connect(refresh)
    box.refresh()
    """

    def __init__(self, ui: Any, settings: ModelSettings, jobs: ModelJobs) -> None:
        self.on_failed = Signal()
        self.on_changed = Signal()
        self.ui = ui
        self._settings = settings
        self._jobs = jobs
        ui.chooseStoreButton.connect("clicked(bool)", self.onChoose)
        ui.usualStoreButton.connect("clicked(bool)", self.onUsual)
        jobs.on_changed.connect(self.refreshButtons)

    def refresh(self) -> None:
        """Show what is chosen now."""
        try:
            self.ui.storeLabel.text = str(self._settings.store_folder())
        except UserError as error:
            self.ui.storeLabel.text = ""
            self.on_failed.emit(error)
        self.refreshButtons()

    def refreshButtons(self) -> None:
        """Enable them, unless something goes on or the environment decides."""
        named = store_of_environment() is not None
        fixed: str = _("The environment variable {name} names the folder.").format(name=STORE_VARIABLE) if named else ""
        tips = {
            self.ui.chooseStoreButton: _("Keep models in another folder; it may be shared with others."),
            self.ui.usualStoreButton: _("Keep models in the usual folder of this user."),
        }
        for button, tip in tips.items():
            button.enabled = not named and not self._jobs.busy
            button.toolTip = fixed or tip

    def onChoose(self) -> None:
        """Keep models in a folder that the user chooses."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder to keep models in"))
        if folder:
            self._choose(Path(folder))

    def onUsual(self) -> None:
        """Keep models where they usually are."""
        self._choose(None)

    def _choose(self, folder: Path | None) -> None:
        try:
            self._settings.choose_store(folder)
        except UserError as error:
            self.on_failed.emit(error)
            return
        self.refresh()
        self.on_changed.emit()
