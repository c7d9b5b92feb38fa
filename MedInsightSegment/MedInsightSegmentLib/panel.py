"""The panel of "MedInsight Segment": shows choices, starts and stops runs, shows what came of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.requests import PRESELECTED_MODEL, EstimateRequest, SegmentRequest
from Med3DInsightLib.engine.messages import ProgressMessage
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.gui.job_in_hand import failure_text, time_left_text
from Med3DInsightLib.gui.model_choice import ModelChoice
from Med3DInsightLib.gui.run_estimate import RunEstimate
from Med3DInsightLib.gui.selectors import offer, say, select_text
from Med3DInsightLib.gui.slicer_engine import SlicerEngine
from Med3DInsightLib.gui.table_export import export_table, show_table
from Med3DInsightLib.gui.words import outdated_text, stage_text
from Med3DInsightLib.mrml.volume_nodes import volume_from_node

from .segmentation_task import SegmentationTask


class SegmentPanel:
    """Connects the widgets of the .ui file with a task; holds no state but what is on the screen.

        panel = SegmentPanel(ui, engine, ModelChoice(InstalledModels(), segments), logic.getParameterNode)
        panel.setParameterNode(parameterNode)
        panel.cleanup()

    ui has the widgets of MedInsightSegment.ui as attributes. findParameters returns the parameter node of
    the scene, for results that come while the panel is not connected to it.
    """

    def __init__(self, ui: Any, engine: SlicerEngine, models: ModelChoice, findParameters: Callable[[], Any]) -> None:
        self.ui = ui
        self.task = SegmentationTask(engine.analysis)
        self.estimate = RunEstimate(engine.analysis)
        self._engine = engine
        self._models = models
        self._findParameters = findParameters
        self._parameterNode: Any = None
        ui.deviceSelector.addItems([device.value for device in Device])
        ui.runButton.connect("clicked(bool)", self.onRun)
        ui.cancelButton.connect("clicked(bool)", self.onCancel)
        ui.exportButton.connect("clicked(bool)", self.onExport)
        ui.modelSearch.connect("textChanged(QString)", self.onSearch)
        ui.modelSelector.connect("currentIndexChanged(int)", self.onModelChosen)
        ui.deviceSelector.connect("currentIndexChanged(int)", self.onDeviceChosen)
        ui.inputVolumeSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.onInputChosen)
        engine.client.on_log.connect(self.onLog)
        self.estimate.on_changed.connect(self.onEstimate)
        self.task.on_progress.connect(self.onProgress)
        self.task.on_segmented.connect(self.onSegmented)
        self.task.on_measured.connect(self.onMeasured)
        self.task.on_failed.connect(self.onFailed)
        self.refreshModels()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self._offer(self.ui.modelSearch.text)  # one may have been fetched or removed, perhaps by the other module
            select_text(self.ui.modelSelector, parameterNode.model)
            select_text(self.ui.deviceSelector, parameterNode.device)
            self._sayIfMissing(parameterNode.model)
            self.onModelChosen()  # the volume was chosen before this parameter node was known here
            self.ui.show3DButton.setSegmentationNode(parameterNode.resultSegmentation)
            show_table(self.ui.structuresTable, parameterNode.structuresTable)
        self.refresh()

    def closeScene(self) -> None:
        """Stop what runs and say nothing more of it; its results would have no place to go."""
        self.task.abandon()
        self.ui.progressBar.value = 0
        self.ui.statusLabel.text = ""

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        self._engine.client.on_log.disconnect(self.onLog)
        self.estimate.on_changed.disconnect(self.onEstimate)
        self.estimate.forget()
        self.task.abandon()

    def refresh(self) -> None:
        """Enable what can be done now, and say in tooltips what is missing for the rest."""
        missing = ""
        if self.ui.inputVolumeSelector.currentNode() is None:
            missing = _("Choose an input volume.")
        elif not self.ui.modelSelector.currentText:
            missing = _("Choose a model; no installed model matches the search.")
        elif self.task.running:
            missing = _("A segmentation is running.")
        self.ui.runButton.enabled = not missing
        self.ui.runButton.toolTip = missing or _("Label the structures of the volume.")
        self.ui.cancelButton.enabled = self.task.running
        self.ui.exportButton.enabled = self.ui.structuresTable.mrmlTableNode() is not None

    def refreshModels(self) -> None:
        """Offer what is installed now; perhaps a model was fetched, replaced or removed."""
        self._offer(self.ui.modelSearch.text)
        self.onModelChosen()

    def onSearch(self, text: str) -> None:
        """Offer the models that match; keep the chosen one if it does, and then look at no voxels for every key."""
        before = self.ui.modelSelector.currentText
        self._offer(text)
        if self.ui.modelSelector.currentText != before:
            self.onModelChosen()

    def onModelChosen(self) -> None:
        """Show the card of the chosen model."""
        name = self.ui.modelSelector.currentText
        self.ui.modelDetails.text = self._models.details_html(name) if name else ""
        if self._parameterNode is not None and name:
            self._parameterNode.model = name
        self.onInputChosen()

    def onDeviceChosen(self) -> None:
        """Remember the device."""
        if self._parameterNode is not None:
            self._parameterNode.device = self.ui.deviceSelector.currentText
            self.onInputChosen()

    def onInputChosen(self) -> None:
        """Warn if the volume looks unlike what the model expects, and tell what a run would cost."""
        node = self.ui.inputVolumeSelector.currentNode()
        warning, chosen = "", self._parameterNode is not None and bool(self.ui.modelSelector.currentText)
        if chosen and node is not None and node.GetImageData() is not None:
            try:
                volume = volume_from_node(node)
            except UserError as error:
                warning = str(error)
                self.estimate.forget()
            else:
                warning = self._models.warning(self.ui.modelSelector.currentText, volume)
                request = self.request()
                self.estimate.ask(EstimateRequest(request.model, request.device), volume.grid)
        else:
            self.estimate.forget()
        say(self.ui.warningLabel, warning)
        self.refresh()

    def onEstimate(self, text: str) -> None:
        """Tell what a run would cost."""
        say(self.ui.estimateLabel, text)

    def request(self) -> SegmentRequest:
        """What is chosen now, as a request."""
        return SegmentRequest(self.ui.modelSelector.currentText, Device(self.ui.deviceSelector.currentText))

    def onRun(self) -> None:
        """Start a run with what is chosen."""
        into = self.ui.outputSelector.currentNode()
        try:
            self.task.start(self.ui.inputVolumeSelector.currentNode(), self.request(), into)
        except UserError as error:
            self.onFailed(error)
            return
        self.ui.progressBar.value = 0
        self.ui.statusLabel.text = _("Starting")
        self.refresh()

    def onCancel(self) -> None:
        """Ask the run to stop."""
        self.ui.statusLabel.text = _("Stopping")
        self.task.cancel()

    def onProgress(self, progress: ProgressMessage) -> None:
        """Show how far the run is and how long it will take."""
        self.ui.progressBar.value = round(1000 * progress.fraction)
        self.ui.statusLabel.text = f"{stage_text(progress.stage)}{time_left_text(progress.seconds_left)}"

    def onSegmented(self, segmentationNode: Any) -> None:
        """Show the segmentation while it is being measured, and offer it for a comparison."""
        parameters = self._parameterNode or self._findParameters()
        parameters.comparedSegmentation = parameters.resultSegmentation = segmentationNode
        self.ui.show3DButton.setSegmentationNode(segmentationNode)
        found = segmentationNode.GetSegmentation().GetNumberOfSegments()
        self.ui.statusLabel.text = _("Measuring {count} structures").format(count=found)
        self.refresh()

    def onMeasured(self, tableNode: Any) -> None:
        """Show the table, and say so if nothing was found."""
        (self._parameterNode or self._findParameters()).structuresTable = tableNode
        show_table(self.ui.structuresTable, tableNode)
        volumes = tableNode.GetTable().GetColumnByName("volume (ml)")
        found = sum(volumes.GetValue(row) > 0 for row in range(volumes.GetNumberOfValues()))
        text = (
            _("{count} structures were found.").format(count=found)
            if found
            else _("Nothing was found. Is the volume of the kind the model expects?")
        )
        self.ui.statusLabel.text = text + outdated_text(self.task.asked.outdated)
        self.refresh()

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do."""
        self.ui.progressBar.value = 0
        self.ui.statusLabel.text = failure_text(error)
        self.refresh()

    def onExport(self) -> None:
        """Write the table as CSV where the user wants it."""
        told = export_table(self.ui.structuresTable.mrmlTableNode())
        self.ui.statusLabel.text = told or self.ui.statusLabel.text

    def onLog(self, text: str) -> None:
        """Keep what the worker and its libraries print."""
        self.ui.logText.appendPlainText(text)

    def _sayIfMissing(self, model: str) -> None:
        """Say which model takes the place of one that a scene names and that is not installed any more."""
        chosen = self.ui.modelSelector.currentText
        if chosen and chosen != model and model not in self._models.names():
            told: str = _(
                "The model '{missing}' of this scene is not installed. '{chosen}' is chosen instead; choose another one"
                " if you need it."
            )
            self.ui.statusLabel.text = told.format(missing=model, chosen=chosen)

    def _offer(self, search: str) -> None:
        offer(self.ui.modelSelector, self._models.names(search), PRESELECTED_MODEL)
