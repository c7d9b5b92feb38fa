"""The dialog "Models" from its first opening until the module ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...catalog.installed import InstalledModels
from ...catalog.settings import ModelSettings
from ...engine.signal import Signal
from .actions import ModelActions
from .catalogues_box import CataloguesBox
from .jobs import ModelJobs
from .known_models import KnownModels
from .panel import ModelsPanel
from .store_box import StoreBox

_UI = Path(__file__).resolve().parents[3] / "Resources" / "UI" / "Med3DInsightCatalogue.ui"


class ModelsDialog:
    """A window beside the panel, in which work can go on meanwhile.

        models = ModelsDialog(qt.QTimer())
        models.on_changed.connect(refresh_selectors)    # a model was installed or removed
        ui.moreModelsButton.connect("clicked(bool)", models.open)
        models.stop()                                   # the scene closes
        models.cleanup()                                # the module ends

    Opening it contacts nobody. Closing it stops what runs and ends the worker.
    """

    def __init__(self, timer: Any) -> None:
        self.on_changed = Signal()
        self.window: Any = None
        self.panel: ModelsPanel | None = None
        self.catalogues: CataloguesBox | None = None
        self.store: StoreBox | None = None
        self._timer = timer

    def open(self) -> None:
        """Show the dialog, with what is on this computer now."""
        if self.panel is None or self.catalogues is None or self.store is None:
            self.panel, self.catalogues, self.store = self._build()
        self.panel.refresh()
        self.catalogues.refresh()
        self.store.refresh()
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def stop(self) -> None:
        """Stop what runs, and leave no worker."""
        if self.panel is not None:
            self.panel.stop()

    def cleanup(self) -> None:
        """The module ends; nothing may be left of it."""
        if self.panel is not None:
            self.panel.cleanup()
        if self.window is not None:
            self.window.disconnect("finished(int)", self.stop)
            self.window.close()
            self.window.deleteLater()
        self.window = self.panel = self.catalogues = self.store = None

    def _build(self) -> tuple[ModelsPanel, CataloguesBox, StoreBox]:
        widget = slicer.util.loadUI(str(_UI))
        ui = slicer.util.childWidgetVariables(widget)
        self.window = qt.QDialog(slicer.util.mainWindow())
        self.window.windowTitle = _("Models of Med3DInsight")
        qt.QVBoxLayout(self.window).addWidget(widget)
        self.window.resize(760, 680)
        self.window.connect("finished(int)", self.stop)
        known, settings, jobs = KnownModels(InstalledModels()), ModelSettings(), ModelJobs(self._timer)
        actions = ModelActions(known, settings, jobs)
        panel = ModelsPanel(ui, known, settings, jobs, actions)
        catalogues = CataloguesBox(ui, settings, jobs, actions)
        catalogues.on_failed.connect(panel.onFailed)
        store = StoreBox(ui, settings, jobs)
        store.on_failed.connect(panel.onFailed)
        store.on_changed.connect(panel.refresh)
        store.on_changed.connect(self.on_changed.emit)
        actions.on_installed.connect(lambda name: self.on_changed.emit())
        return panel, catalogues, store
