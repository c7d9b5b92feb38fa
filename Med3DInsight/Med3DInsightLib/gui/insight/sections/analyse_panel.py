"""The section "Analyse": what is looked at, by which model, and what is to be found out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ....analysis.computing.device import Device
from ....analysis.requests import EstimateRequest
from ....engine.remote_analysis import RemoteAnalysis
from ....errors import UserError
from ....mrml.volume_nodes import volume_from_node
from ...job_in_hand import failure_text, time_left_text
from ...model_choice import ModelChoice, reads_slices
from ...run_estimate import RunEstimate
from ...selectors import offer, say, select_text
from ..tasks.analysis_run import AnalysisRun, RunStep
from .chosen_input import ChosenInput


class AnalysePanel:
    """Connects the widgets of Med3DInsight.ui with a run over everything that is wanted.

        panel = AnalysePanel(ui, engine.analysis, models, chosen, lambda: [RunStep(...)])
        panel.setParameterNode(parameterNode)
        panel.cleanup()

    wantedSteps returns what is ticked as steps; it raises UserError if something for them is missing.
    """

    def __init__(
        self,
        ui: Any,
        analysis: RemoteAnalysis,
        models: ModelChoice,
        chosen: ChosenInput,
        wantedSteps: Callable[[], Sequence[RunStep]],
    ) -> None:
        self.ui = ui
        self.run = AnalysisRun()
        self.estimate = RunEstimate(analysis)
        self._models = models
        self._chosen = chosen
        self._wantedSteps = wantedSteps
        self._parameterNode: Any = None
        ui.deviceSelector.addItems([device.value for device in Device])
        ui.modelSelector.addItems(models.names())
        select_text(ui.modelSelector, models.first(reads_slices))  # most of the panel needs an encoder
        ui.analyseButton.connect("clicked(bool)", self.onAnalyse)
        ui.cancelButton.connect("clicked(bool)", self.onCancel)
        ui.modelFolderButton.connect("clicked(bool)", self.onModelFolder)
        ui.modelSelector.connect("currentIndexChanged(int)", self.onModelChosen)
        ui.deviceSelector.connect("currentIndexChanged(int)", self.onDeviceChosen)
        ui.inputVolumeSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.onChosen)
        for box in (ui.classesCheckBox, ui.attentionCheckBox, ui.captionsCheckBox):
            box.connect("toggled(bool)", self.refresh)
        self.estimate.on_changed.connect(self.onEstimate)
        self.run.on_progress.connect(self.onProgress)
        self.run.on_finished.connect(self.onFinished)
        self.run.on_failed.connect(self.onFailed)
        self.onModelChosen()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self._offerInstalled()  # a model may have been fetched or removed meanwhile, perhaps by the other module
            self._offer(parameterNode.model)
            select_text(self.ui.deviceSelector, parameterNode.device)
            self.onModelChosen()
        self.refresh()

    def closeScene(self) -> None:
        """Stop what runs and say nothing more of it; its results would have no place to go."""
        self.run.abandon()
        self.ui.progressBar.value = 0
        self.ui.statusLabel.text = ""

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        self.estimate.on_changed.disconnect(self.onEstimate)
        self.estimate.forget()
        self.run.abandon()

    def refresh(self) -> None:
        """Enable what can be done now, and say in tooltips what is missing for the rest."""
        able = {self.ui.classesCheckBox: self._chosen.classifies, self.ui.attentionCheckBox: self._chosen.readsSlices}
        reasons = {
            self.ui.classesCheckBox: _("The chosen model does not tell classes apart."),
            self.ui.attentionCheckBox: _("The chosen model is no pretrained encoder that reads slices."),
        }
        for box, possible in able.items():
            box.enabled = possible
            box.toolTip = "" if possible else reasons[box]
        wanted = [box.checked and possible for box, possible in able.items()]
        missing = ""
        if self._chosen.volumeNode is None:
            missing = _("Choose a volume.")
        elif self.run.running:
            missing = _("An analysis is running.")
        elif not any(wanted) and not self.ui.captionsCheckBox.checked:
            missing = _("Tick something that the model can find out.")
        self.ui.analyseButton.enabled = not missing
        self.ui.analyseButton.toolTip = missing or _("Find out what is ticked.")
        self.ui.cancelButton.enabled = self.run.running
        self.ui.sampleButton.enabled = not self.run.running

    def start(self, steps: Sequence[RunStep]) -> None:
        """Begin a run, or tell why there is none."""
        try:
            self.run.start(steps)
        except UserError as error:
            self.onFailed(error)
            return
        self.refresh()

    def refreshModels(self) -> None:
        """Offer what is installed now; a model was fetched or removed."""
        self._offerInstalled()
        self.onModelChosen()

    def onModelFolder(self) -> None:
        """Use a bundle that is somewhere else."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder of a model bundle"))
        if folder:
            self._offer(str(Path(folder)))
            self.onModelChosen()

    def onModelChosen(self) -> None:
        """Show the card of the chosen model."""
        model, told = self._chosen.model, ""
        if model:
            try:
                told = self._models.details_html(model)
            except UserError as error:
                self.ui.statusLabel.text = str(error)
        self.ui.modelDetails.text = told
        if self._parameterNode is not None and model:
            self._parameterNode.model = model
        self.onChosen()

    def onDeviceChosen(self) -> None:
        """Remember the device."""
        if self._parameterNode is not None:
            self._parameterNode.device = self.ui.deviceSelector.currentText
        self.onChosen()

    def onChosen(self) -> None:
        """Warn if the volume looks unlike what the model expects, and tell what a run would cost."""
        node, warning, volume = self._chosen.volumeNode, "", None
        if self._parameterNode is not None and node is not None and node.GetImageData() is not None:
            try:
                volume = volume_from_node(node)
                warning = self._models.warning(self._chosen.model, volume) if self._chosen.model else ""
            except UserError as error:
                warning = str(error)
        say(self.ui.warningLabel, warning)
        if volume is None or self._chosen.card is None:
            self.estimate.forget()
        else:
            self.estimate.ask(EstimateRequest(self._chosen.model, self._chosen.device), volume.grid)
        self.refresh()
        self._chosen.tell()

    def onEstimate(self, text: str) -> None:
        """Tell what a run would cost."""
        say(self.ui.estimateLabel, text)

    def onAnalyse(self) -> None:
        """Start with what is ticked."""
        try:
            steps = self._wantedSteps()
        except UserError as error:
            self.onFailed(error)
            return
        self.ui.progressBar.value = 0
        self.ui.statusLabel.text = _("Starting")
        self.start(steps)

    def onCancel(self) -> None:
        """Ask the run to stop."""
        self.ui.statusLabel.text = _("Stopping")
        self.run.cancel()

    def onProgress(self, fraction: float, step: str, secondsLeft: float | None) -> None:
        """Show how far the run is and how long this part of it will take."""
        self.ui.progressBar.value = round(1000 * fraction)
        self.ui.statusLabel.text = f"{step}{time_left_text(secondsLeft)}"

    def onFinished(self) -> None:
        """Say that everything is there."""
        self.ui.progressBar.value = 1000
        self.ui.statusLabel.text = _("Done. The results are in the sections below.")
        self.refresh()

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do; what was found before stays."""
        self.ui.progressBar.value = 0
        self.ui.statusLabel.text = failure_text(error)
        self.refresh()

    def _offerInstalled(self) -> None:
        """Offer the installed models, beside the folders that were chosen."""
        offered = [self.ui.modelSelector.itemText(index) for index in range(self.ui.modelSelector.count)]
        offer(self.ui.modelSelector, [*self._models.names(), *(text for text in offered if Path(text).is_absolute())])

    def _offer(self, model: str) -> None:
        """Choose a model; a folder that is not in the list is added, so that it can say what is wrong with it."""
        blocked = self.ui.modelSelector.blockSignals(True)
        if model and self.ui.modelSelector.findText(model) < 0:
            self.ui.modelSelector.addItem(model)
        select_text(self.ui.modelSelector, model)
        self.ui.modelSelector.blockSignals(blocked)
