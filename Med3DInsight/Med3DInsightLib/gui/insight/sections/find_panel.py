"""The section "Find": type a phrase, see how well every slice fits, jump to the best."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ....analysis.requests import FindRequest, OccludePhraseRequest
from ....errors import UserError
from ....mrml.insight.curve_nodes import ROLE, PhraseCurves, SimilarityCurve, curves_of_table
from ....mrml.insight.overlay_subject import OverlaySubject
from ....mrml.insight.result_nodes import result_node
from ....mrml.node_grid import grid_of_node
from ....volumes import Plane, slice_of
from ...words import outdated_text, plane_word
from ..tasks.find_task import FindTask
from .chosen_input import ChosenInput
from .overlay_controls import OverlayControls
from .plots import show_chart
from .slices_in_view import SlicesInView
from .task_section import TaskSection


class FindPanel(TaskSection):
    """Connects the widgets of Med3DInsightFind.ui with a task and the slice views.

    panel = FindPanel(ui, chosen, task, views, overlays)
    panel.setParameterNode(parameterNode)
    panel.cleanup()
    """

    def __init__(
        self, ui: Any, chosen: ChosenInput, task: FindTask, views: SlicesInView, overlays: OverlayControls
    ) -> None:
        super().__init__(chosen, task.hand, ui.findStatus, ui.cancelFindButton)
        self.ui = ui
        self.task = task
        self._views = views
        self._overlays = overlays
        self._parameterNode: Any = None
        self._jumps = {
            Plane.AXIAL: ui.jumpAxialButton,
            Plane.CORONAL: ui.jumpCoronalButton,
            Plane.SAGITTAL: ui.jumpSagittalButton,
        }
        ui.findButton.connect("clicked(bool)", self.onFind)
        ui.phraseSelector.lineEdit().connect("returnPressed()", self.onFind)
        ui.phraseSelector.connect("editTextChanged(QString)", self.onPhrase)
        ui.curvesButton.connect("clicked(bool)", self.onCurves)
        ui.occludePhraseButton.connect("clicked(bool)", self.onOcclude)
        ui.towerButton.connect("clicked(bool)", self.onTower)
        ui.jumpAxialButton.connect("clicked(bool)", lambda *_: self.onJump(Plane.AXIAL))
        ui.jumpCoronalButton.connect("clicked(bool)", lambda *_: self.onJump(Plane.CORONAL))
        ui.jumpSagittalButton.connect("clicked(bool)", lambda *_: self.onJump(Plane.SAGITTAL))
        task.on_found.connect(self.onFound)
        task.on_overlay.connect(self.onOverlay)
        self.onChosen()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self.ui.phraseSelector.setEditText(parameterNode.phrase)
        self.onChosen()

    def refresh(self) -> None:
        """Enable what can be done now, and write on the buttons where the best slices are."""
        super().refresh()
        able = self._chosen.readsSlices and self._chosen.volumeNode is not None and not self.task.hand.busy
        phrase = self._phrase()
        self.ui.findButton.enabled = bool(able and phrase)
        self.ui.findButton.toolTip = "" if phrase else _("Type a phrase, or choose one that the model knows.")
        found = self._found()
        self.ui.curvesButton.enabled = found is not None
        self.ui.occludePhraseButton.enabled = able and found is not None
        curves = {} if found is None else {curve.plane: curve for curve in found.curves}
        for plane, button in self._jumps.items():
            button.enabled = plane in curves
            told: str = _("{plane} {index}")
            name = plane_word(plane).capitalize()
            button.text = told.format(plane=name, index=curves[plane].best) if plane in curves else name

    def onChosen(self) -> None:
        """Offer the phrases of the chosen model, and show what was found in the chosen volume."""
        phrase = self.ui.phraseSelector.currentText
        blocked = self.ui.phraseSelector.blockSignals(True)
        self.ui.phraseSelector.clear()
        self.ui.phraseSelector.addItems(list(self._chosen.phrases) if self._chosen.readsSlices else [])
        self.ui.phraseSelector.setEditText(phrase)
        self.ui.phraseSelector.blockSignals(blocked)
        self.refresh()

    def onPhrase(self) -> None:
        """Remember the phrase."""
        if self._parameterNode is not None:
            self._parameterNode.phrase = self._phrase()
        self.refresh()

    def onTower(self) -> None:
        """Choose the folder of the teacher's text tower."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder of a text tower"))
        if folder:
            self.ui.towerEdit.text = folder

    def onFind(self) -> None:
        """Compare the phrase with every slice."""
        if not self.ui.findButton.enabled:
            return  # the return key in the line of the phrase
        tower, device = self.ui.towerEdit.text.strip(), self._chosen.device
        request = FindRequest(self._chosen.model, self._phrase(), text_tower=tower, device=device)
        self._status.text = _("Reading slices")
        try:
            self.task.find(self._chosen.volumeNode, request, self._chosen.requireCard())
        except UserError as error:
            self.onFailed(error)
        self.refresh()

    def onFound(self, nodes: Any) -> None:
        """Show the best slices, and where they are, if they are those of the chosen volume."""
        another = self._chosen.tellsOfAnother(nodes.table)
        if another:
            self._status.text = another
            return
        found = curves_of_table(nodes.table)
        best = _best(found)
        told: str = _("'{phrase}' fits {plane} slice {index} best, with a cosine of {similarity}.")
        text = told.format(
            phrase=found.phrase,
            plane=plane_word(best.plane),
            index=best.best,
            similarity=f"{max(best.similarities):.2f}",
        )
        self._status.text = text + outdated_text(self.task.asked.outdated)
        for curve in found.curves:
            self._jump(curve)
        self.refresh()

    def onJump(self, plane: Plane) -> None:
        """Bring the views of a plane to its best slice."""
        found = self._found()
        try:
            for curve in () if found is None else found.curves:
                if curve.plane == plane:
                    self._jump(curve)
        except UserError as error:  # such as a volume that was put below a transform that is not linear
            self.onFailed(error)

    def onCurves(self) -> None:
        """Draw the similarities of all slices in a plot view."""
        self._status.text = show_chart(result_node(self._chosen.volumeNode, "vtkMRMLPlotChartNode", ROLE))

    def onOcclude(self) -> None:
        """Show what in the best slice makes it like the phrase that was found."""
        found = self._found()
        if found is None:
            return
        best = _best(found)
        request = OccludePhraseRequest(
            self._chosen.model,
            found.phrase,
            best.plane,
            best.best,
            cube_tokens=0,
            text_tower=self.ui.towerEdit.text.strip(),
            device=self._chosen.device,
        )
        try:
            self.task.occlude(self._chosen.volumeNode, request, self._chosen.requireCard())
        except UserError as error:
            self.onFailed(error)
        self.refresh()

    def onOverlay(self, overlayNode: Any, subject: OverlaySubject) -> None:
        """Draw the map over the volume."""
        self._overlays.show(overlayNode)
        told: str = _("Slices show what makes {plane} slice {index} like '{phrase}'.")
        plane = plane_word(subject.plane) if subject.plane else ""
        text = told.format(plane=plane, index=subject.index, phrase=subject.target)
        of_chosen = text + outdated_text(self.task.asked.outdated)
        self._status.text = self._chosen.tellsOfAnother(overlayNode) or of_chosen
        self.refresh()

    def _phrase(self) -> str:
        return str(self.ui.phraseSelector.currentText).strip()

    def _found(self) -> PhraseCurves | None:
        node = self._chosen.volumeNode
        table = None if node is None else result_node(node, "vtkMRMLTableNode", ROLE)
        try:
            return None if table is None else curves_of_table(table)
        except UserError as error:
            self._status.text = str(error)
            return None

    def _jump(self, curve: SimilarityCurve) -> None:
        self._views.jump(slice_of(grid_of_node(self._chosen.volumeNode), curve.plane, curve.best))


def _best(found: PhraseCurves) -> SimilarityCurve:
    return max(found.curves, key=lambda curve: max(curve.similarities))
