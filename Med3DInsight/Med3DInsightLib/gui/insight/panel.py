"""The panel of "Med3D Insight": its sections, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...catalog.installed import InstalledModels
from ...errors import UserError
from ..model_choice import ModelChoice, classifies, models_as_html, reads_slices
from ..models.dialog import ModelsDialog
from ..selectors import select_text, select_value
from ..slicer_engine import SlicerEngine
from .sample_scene import SampleScene
from .sections.analyse_panel import AnalysePanel
from .sections.ask_panel import AskPanel
from .sections.attention_panel import AttentionPanel
from .sections.caption_corners import CaptionCorners
from .sections.caption_list_panel import CaptionListPanel
from .sections.caption_sources import LABELS
from .sections.captions_panel import CaptionsPanel
from .sections.chosen_input import ChosenInput
from .sections.classes_panel import ClassesPanel
from .sections.consent_box import ConsentBox
from .sections.find_panel import FindPanel
from .sections.overlay_controls import OverlayControls
from .sections.report_panel import ReportPanel
from .sections.slices_in_view import SlicesInView
from .tasks.analysis_run import RunStep
from .tasks.ask_task import AskTask
from .tasks.attention_task import AttentionTask
from .tasks.captions_task import CaptionsTask
from .tasks.classes_task import ClassesTask
from .tasks.find_task import FindTask
from .tasks.overlay_turns import OverlayTurns


class InsightPanel:
    """Builds the sections on one worker, one choice of volume and model, and one follower of slice views.

        panel = InsightPanel(ui, engine, slicer.mrmlScene, qt.QTimer)
        panel.setParameterNode(parameterNode)
        panel.cleanup()

    newTimer makes a timer for each part that needs one.
    """

    def __init__(self, ui: Any, engine: SlicerEngine, scene: Any, newTimer: Callable[[], Any]) -> None:
        self.ui = ui
        self._engine = engine
        self._models = ModelChoice(InstalledModels(), lambda card: classifies(card) or reads_slices(card))
        self.chosen = ChosenInput(ui, self._models)
        self.views = SlicesInView(scene, newTimer())
        overlays, consent, captions = OverlayControls(ui), ConsentBox(ui), CaptionsTask(engine.insight)
        turns = OverlayTurns()
        self.classes = ClassesPanel(ui, self.chosen, ClassesTask(engine.insight, turns), overlays)
        attention = AttentionTask(engine.insight, turns)
        self.attention = AttentionPanel(ui, self.chosen, attention, self.views, overlays)
        self.captions = CaptionsPanel(ui, self.chosen, captions, consent)
        self.corners = CaptionCorners()
        self.captionList = CaptionListPanel(ui, self.chosen, captions, self.views, self.corners)
        self.find = FindPanel(ui, self.chosen, FindTask(engine.insight, turns), self.views, overlays)
        self.ask = AskPanel(ui, self.chosen, AskTask(engine.insight), self.views, consent)
        self.report = ReportPanel(ui, self.chosen, engine.report)
        self.analyse = AnalysePanel(ui, engine.analysis, self._models, self.chosen, self.wantedSteps)
        self.sample = SampleScene(engine.analysis)
        self.models = ModelsDialog(newTimer())
        self.models.on_changed.connect(self.onModelsChanged)
        ui.moreModelsButton.connect("clicked(bool)", self.models.open)
        ui.modelsLabel.text = models_as_html(InstalledModels())
        ui.sampleButton.connect("clicked(bool)", self.onSample)
        engine.client.on_log.connect(self.onLog)
        self.chosen.on_changed.connect(self.onChosen)

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes or another module is shown."""
        for section in self._sections():
            section.setParameterNode(parameterNode)
        self.onChosen()

    def leave(self) -> None:
        """Another module is shown; slices are followed, and choices kept, all the same."""

    def closeScene(self) -> None:
        """Stop what runs; its results would have no place to go."""
        self.models.stop()
        self.views.follow(None)
        for section in self._sections():
            section.closeScene()

    def saveScene(self) -> None:
        """Bring what the user typed into cells to where a file keeps it."""
        self.captions.saveScene()

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        self.models.cleanup()
        self._engine.client.on_log.disconnect(self.onLog)
        self.chosen.on_changed.disconnect(self.onChosen)
        for section in self._sections():
            section.cleanup()
        self.views.close()

    def wantedSteps(self) -> list[RunStep]:
        """What is ticked and possible for the chosen volume, as steps of a run."""
        wanted = [
            (self.ui.classesCheckBox, self._classesStep),
            (self.ui.attentionCheckBox, self._attentionStep),
            (self.ui.captionsCheckBox, self._captionsStep),
        ]
        volumeNode = self.chosen.volumeNode
        return [self._about(volumeNode, step()) for box, step in wanted if box.checked and box.enabled]

    def onSample(self) -> None:
        """Load the sample volume, and run all that works without a network, each part by a model for it."""
        volumeNode = self.sample.load()
        if volumeNode is None:
            self.ui.statusLabel.text = _("The sample volume could not be loaded; the log of the application says why.")
            return
        self.ui.inputVolumeSelector.setCurrentNode(volumeNode)
        select_value(self.ui.sourceSelector, LABELS)
        for box in (self.ui.classesCheckBox, self.ui.attentionCheckBox, self.ui.captionsCheckBox):
            box.checked = True
        steps = [self.sample.step(volumeNode, self.ui.segmentationSelector.setCurrentNode)]
        for suits, step in ((classifies, self._classesStep()), (reads_slices, self._attentionStep())):
            chosen = self.chosen.card
            model = self.chosen.model if chosen is not None and suits(chosen) else self._models.first(suits)
            if model:
                steps.append(self._withModel(model, step))
        self.analyse.start([self._about(volumeNode, step) for step in [*steps, self._captionsStep()]])

    def onModelsChanged(self) -> None:
        """A model was installed or removed."""
        self.ui.modelsLabel.text = models_as_html(InstalledModels())
        self.analyse.refreshModels()

    def onChosen(self) -> None:
        """Follow the slices of the chosen volume."""
        self.views.follow(self.chosen.volumeNode)

    def onLog(self, text: str) -> None:
        """Keep what the worker and its libraries print."""
        self.ui.logText.appendPlainText(text)

    def _about(self, volumeNode: Any, step: RunStep) -> RunStep:
        """A step that begins only while the volume of its run is the chosen one, which is what sections ask about."""

        def begin() -> None:
            if self.chosen.volumeNode is not volumeNode:
                raise UserError(
                    _("another volume was chosen, so the rest of the analysis was left out"),
                    next_step=_("choose the volume again and repeat it"),
                )
            step.begin()

        return RunStep(step.name, step.hand, begin)

    def _withModel(self, model: str, step: RunStep) -> RunStep:
        """A step before which a model is chosen, as the user would."""

        def begin() -> None:
            select_text(self.ui.modelSelector, model)
            step.begin()

        return RunStep(step.name, step.hand, begin)

    def _classesStep(self) -> RunStep:
        return RunStep(_("Telling classes apart"), self.classes.task.hand, self.classes.explain)

    def _attentionStep(self) -> RunStep:
        return RunStep(_("Reading slices"), self.attention.task.hand, self.attention.show)

    def _captionsStep(self) -> RunStep:
        return RunStep(_("Describing slices"), self.captions.task.hand, self.captions.describe)

    def _sections(self) -> list[Any]:
        return [
            self.analyse,
            self.classes,
            self.attention,
            self.captions,
            self.captionList,
            self.find,
            self.ask,
            self.report,
        ]
