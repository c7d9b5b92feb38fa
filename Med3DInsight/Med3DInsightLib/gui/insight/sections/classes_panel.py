"""The section "Classes": probabilities, and what speaks for a class."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ....analysis.classes.classification_result import ClassificationResult
from ....analysis.requests import ExplainClassRequest, OccludeClassRequest
from ....errors import UserError
from ....mrml.insight.class_nodes import ROLE, ClassProbabilities, classes_of_table
from ....mrml.insight.overlay_subject import OverlaySubject
from ....mrml.insight.result_nodes import result_node
from ...selectors import say
from ...table_export import export_table, show_table
from ...words import outdated_text
from ..tasks.classes_task import ClassesTask
from .chosen_input import ChosenInput
from .overlay_controls import OverlayControls
from .plots import show_chart
from .task_section import TaskSection


class ClassesPanel(TaskSection):
    """Connects the widgets of Med3DInsightClasses.ui with a task.

    panel = ClassesPanel(ui, chosen, task, overlays)
    panel.refresh()
    panel.cleanup()
    """

    def __init__(self, ui: Any, chosen: ChosenInput, task: ClassesTask, overlays: OverlayControls) -> None:
        super().__init__(chosen, task.hand, ui.classesStatus, ui.cancelClassesButton)
        self.ui = ui
        self.task = task
        self._overlays = overlays
        ui.gradCamButton.connect("clicked(bool)", self.onGradCam)
        ui.occlusionButton.connect("clicked(bool)", self.onOcclusion)
        ui.classesPlotButton.connect("clicked(bool)", self.onPlot)
        ui.exportClassesButton.connect("clicked(bool)", self.onExport)
        task.on_classes.connect(self.onClasses)
        task.on_overlay.connect(self.onOverlay)
        self.onChosen()

    def explain(self, className: str = "") -> None:
        """Probabilities and Grad-CAM of a class, or the most probable one; raises UserError if it cannot begin."""
        card = self._chosen.requireCard()
        request = ExplainClassRequest(self._chosen.model, className, device=self._chosen.device)
        self.task.explain(self._chosen.volumeNode, request, card)
        self.refresh()

    def refresh(self) -> None:
        """Enable what can be done now."""
        super().refresh()
        able = self._chosen.classifies and self._chosen.volumeNode is not None and not self.task.hand.busy
        self.ui.gradCamButton.enabled = self.ui.occlusionButton.enabled = able
        shown = self.ui.classesTable.mrmlTableNode() is not None
        self.ui.classesPlotButton.enabled = self.ui.exportClassesButton.enabled = shown

    def onChosen(self) -> None:
        """Show what is known of the chosen volume, and offer the classes of the chosen model."""
        node, card = self._chosen.volumeNode, self._chosen.card
        names = [] if card is None else list(card.class_names)
        before = self.ui.classSelector.currentText
        self.ui.classSelector.clear()
        self.ui.classSelector.addItems(names)
        if before in names:
            self.ui.classSelector.setCurrentIndex(names.index(before))
        self._show(None if node is None else result_node(node, "vtkMRMLTableNode", ROLE))

    def onGradCam(self) -> None:
        """Show what speaks for the chosen class."""
        try:
            self.explain(self.ui.classSelector.currentText)
        except UserError as error:
            self.onFailed(error)

    def onOcclusion(self) -> None:
        """Show what the chosen class loses where parts are hidden."""
        name = self.ui.classSelector.currentText
        request = OccludeClassRequest(self._chosen.model, name, device=self._chosen.device)
        try:
            self.task.occlude(self._chosen.volumeNode, request, self._chosen.requireCard())
        except UserError as error:
            self.onFailed(error)
        self.refresh()

    def onClasses(self, nodes: Any) -> None:
        """Show the probabilities, if they are those of the chosen volume."""
        another = self._chosen.tellsOfAnother(nodes.table)
        if another:
            self._status.text = another
            return
        self._show(nodes.table)
        shown = classes_of_table(nodes.table).probabilities
        best = max(shown, key=lambda name: shown[name])
        told: str = _("{name}, with a probability of {percent} %.")
        text = told.format(name=best, percent=round(100 * shown[best]))
        self._status.text = text + outdated_text(self.task.asked.outdated)
        if best in [self.ui.classSelector.itemText(n) for n in range(self.ui.classSelector.count)]:
            self.ui.classSelector.setCurrentIndex(self.ui.classSelector.findText(best))

    def onOverlay(self, overlayNode: Any, subject: OverlaySubject) -> None:
        """Draw the map over the volume."""
        self._overlays.show(overlayNode)
        told: str = _("What speaks for '{name}' was drawn over the slices ({method}).")
        of_chosen = told.format(name=subject.target, method=subject.method) + outdated_text(self.task.asked.outdated)
        self._status.text = self._chosen.tellsOfAnother(overlayNode) or of_chosen
        self.refresh()

    def onPlot(self) -> None:
        """Draw the probabilities in a plot view."""
        node = self._chosen.volumeNode
        self._status.text = show_chart(result_node(node, "vtkMRMLPlotChartNode", ROLE))

    def onExport(self) -> None:
        """Write the table as CSV where the user wants it."""
        told = export_table(self.ui.classesTable.mrmlTableNode())
        self._status.text = told or self._status.text

    def _show(self, tableNode: Any) -> None:
        show_table(self.ui.classesTable, tableNode)
        say(self.ui.unfamiliarLabel, "" if tableNode is None else _warning(tableNode))
        self.refresh()


def _warning(tableNode: Any) -> str:
    try:
        found: ClassProbabilities = classes_of_table(tableNode)
    except UserError as error:
        return str(error)
    known = ClassificationResult(dict(found.probabilities), found.unlikeness, device="", seconds={})
    if not known.is_unfamiliar or found.unlikeness is None:
        return ""
    told: str = _(
        "Unlike the training data: {percent} % of ordinary cases are more like it, so the probabilities mean little."
    )
    return told.format(percent=f"{100 * found.unlikeness:.1f}")
