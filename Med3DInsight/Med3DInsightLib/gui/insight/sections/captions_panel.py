"""The section "Captions": who describes slices, and what became of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ....analysis.describing.backend_choice import ChatServer
from ....analysis.describing.results import DescribedSlices
from ....analysis.describing.shown import pictures_to_describe
from ....captions.errors import CaptionError
from ....errors import UserError
from ....mrml.insight.caption_edits import fold_in_cell_edits
from ....mrml.volume_nodes import volume_from_node
from ...selectors import fill, select_value
from ..tasks.captions_task import CaptionsTask
from .caption_sources import LABELS, SERVER, describe_request, describing_prompts, source_names
from .chosen_input import ChosenInput
from .consent_box import ConsentBox
from .task_section import TaskSection


class CaptionsPanel(TaskSection):
    """Connects the choice of a source with a task; before anything is sent, the user is asked.

    panel = CaptionsPanel(ui, chosen, task, consent)
    panel.setParameterNode(parameterNode)
    panel.cleanup()
    """

    def __init__(self, ui: Any, chosen: ChosenInput, task: CaptionsTask, consent: ConsentBox) -> None:
        super().__init__(chosen, task.hand, ui.captionsStatus, ui.cancelCaptionsButton)
        self.ui = ui
        self.task = task
        self._consent = consent
        self._parameterNode: Any = None
        fill(ui.sourceSelector, source_names(), LABELS)
        ui.promptSelector.addItems(describing_prompts())
        ui.sourceSelector.connect("currentIndexChanged(int)", self.onSource)
        ui.promptSelector.connect("currentIndexChanged(int)", self.onPrompt)
        ui.segmentationSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.refresh)
        ui.captionModelEdit.connect("textChanged(QString)", self.refresh)
        ui.serverEdit.connect("textChanged(QString)", self.refresh)
        ui.captionModelButton.connect("clicked(bool)", self.onModelFolder)
        ui.describeButton.connect("clicked(bool)", self.onDescribe)
        task.on_described.connect(self.onDescribed)
        self.onSource()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            select_value(self.ui.sourceSelector, parameterNode.captionSource)
            self.ui.promptSelector.setCurrentIndex(max(0, self.ui.promptSelector.findText(parameterNode.prompt)))
        self.onSource()

    def closeScene(self) -> None:
        """Stop what runs and say nothing more of it."""
        super().closeScene()
        self._consent.close()

    def saveScene(self) -> None:
        """Bring what the user typed into cells to where a file keeps it."""
        scene, name = slicer.mrmlScene, "vtkMRMLTableNode"
        for node in [scene.GetNthNodeByClass(n, name) for n in range(scene.GetNumberOfNodesByClass(name))]:
            with suppress(CaptionError):  # a table of something else
                fold_in_cell_edits(node, lambda error: None)  # rows that are no captions are told of when used

    def source(self) -> str:
        """Which source is chosen."""
        return str(self.ui.sourceSelector.itemData(self.ui.sourceSelector.currentIndex))

    def describe(self) -> None:
        """Describe slices with what is chosen, or ask whether they may be sent first.

        Raises UserError if something is missing or it cannot begin.
        """
        node = self._chosen.volumeNode
        request = describe_request(self.ui, self.source(), node.GetName(), self._chosen.device, self._consent.hosts)
        segmentationNode = self.ui.segmentationSelector.currentNode() if self.source() == LABELS else None
        if self.source() == LABELS:
            if segmentationNode is None:
                raise CaptionError(
                    _("no segmentation is chosen for captions"), next_step=_("choose one, or another source")
                )
        elif isinstance(request.backend, ChatServer) and self._consent.isNeeded(request.backend):
            shown = list(pictures_to_describe(request, volume_from_node(node)))
            pictures, prompts = [each.picture for each in shown], [each.prompt for each in shown]
            self._consent.ask(request.backend, pictures, prompts, self.onDescribe)
            raise CaptionError(
                _("nothing was sent yet"), next_step=_("look at the pictures, and allow sending them or not")
            )
        self.task.describe(node, request, segmentationNode)
        self._status.text = _("Starting")
        self.refresh()

    def refresh(self) -> None:
        """Enable what can be done now, and say in the tooltip what is missing."""
        super().refresh()
        source, missing = self.source(), ""
        if self._chosen.volumeNode is None:
            missing = _("Choose a volume.")
        elif self.task.hand.busy:
            missing = _("Slices are being described.")
        elif source == LABELS and self.ui.segmentationSelector.currentNode() is None:
            missing = _("Choose a segmentation whose structures the sentences tell about.")
        elif source != LABELS and not self.ui.captionModelEdit.text.strip():
            missing = _("Choose a model.")
        elif source == SERVER and not self.ui.serverEdit.text.strip():
            missing = _("Type the address of the server.")
        self.ui.describeButton.enabled = not missing
        self.ui.describeButton.toolTip = missing

    def onSource(self) -> None:
        """Show only what the chosen source needs."""
        source = self.source()
        for widget in (self.ui.segmentationSelector, self.ui.segmentationSelectorLabel):
            widget.visible = source == LABELS
        for widget in (self.ui.serverEdit, self.ui.serverEditLabel):
            widget.visible = source == SERVER
        for widget in (
            self.ui.captionModelBox,
            self.ui.captionModelLayoutLabel,
            self.ui.promptSelector,
            self.ui.promptSelectorLabel,
        ):
            widget.visible = source != LABELS
        self.ui.captionModelButton.visible = source not in (LABELS, SERVER)
        if self._parameterNode is not None:
            self._parameterNode.captionSource = source
        self.refresh()

    def onPrompt(self) -> None:
        """Remember what the model is asked."""
        if self._parameterNode is not None:
            self._parameterNode.prompt = self.ui.promptSelector.currentText

    def onModelFolder(self) -> None:
        """Choose the folder of a model on this computer."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder of a language model"))
        if folder:
            self.ui.captionModelEdit.text = folder

    def onDescribe(self) -> None:
        """Describe slices, or say why not."""
        try:
            self.describe()
        except UserError as error:
            self.onFailed(error)

    def onDescribed(self, tableNode: Any, described: DescribedSlices) -> None:
        """Tell how many slices have a caption now, and why others have none."""
        told: str = _("{count} slices were described.")
        text = told.format(count=len(described.captions))
        if described.missing:
            without: str = _(" {count} have no text: {reason}")
            text += without.format(count=len(described.missing), reason=described.missing[0].reason)
        self._status.text = text
        self.refresh()
