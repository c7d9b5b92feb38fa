"""The sections of "MedInsight Segment" and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.gui.model_choice import ModelChoice, segments
from Med3DInsightLib.gui.models.dialog import ModelsDialog
from Med3DInsightLib.gui.slicer_engine import SlicerEngine

from .comparison_panel import ComparisonPanel
from .folder_panel import FolderPanel
from .panel import SegmentPanel


class SegmentSections:
    """Builds the sections on one worker; see ModulePanel for what it is asked to do.

        sections = SegmentSections(ui, engine, logic.getParameterNode, qt.QTimer)
        sections.segment, sections.comparison, sections.folder
        sections.cleanup()

    findParameters returns the parameter node of the scene, for results that come while the panel is not connected
    to it; newTimer makes a timer.
    """

    def __init__(
        self, ui: Any, engine: SlicerEngine, findParameters: Callable[[], Any], newTimer: Callable[[], Any]
    ) -> None:
        self.segment = SegmentPanel(ui, engine, ModelChoice(InstalledModels(), segments), findParameters)
        self.comparison = ComparisonPanel(ui, engine.analysis, findParameters)
        self.folder = FolderPanel(ui, engine.analysis, self.segment.request, findParameters)
        self.models = ModelsDialog(newTimer())
        self.models.on_changed.connect(self.segment.refreshModels)
        ui.moreModelsButton.connect("clicked(bool)", self.models.open)

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while there is none to be shown."""
        for section in (self.segment, self.comparison, self.folder):
            section.setParameterNode(parameterNode)

    def leave(self) -> None:
        """Another module is shown; a run goes on."""
        self.setParameterNode(None)

    def closeScene(self) -> None:
        """Stop what would have no place for its results; folders are files."""
        self.segment.closeScene()
        self.comparison.closeScene()
        self.models.stop()

    def saveScene(self) -> None:
        """Everything is where files keep it already."""

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        for section in (self.segment, self.comparison, self.folder, self.models):
            section.cleanup()
