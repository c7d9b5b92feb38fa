"""The section of the panel that compares a segmentation with a reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from Med3DInsightLib.engine.messages import ProgressMessage
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.gui.job_in_hand import failure_text
from Med3DInsightLib.gui.table_export import export_table, show_table

from .comparison_task import ComparisonTask


class ComparisonPanel:
    """Connects the widgets of MedInsightSegmentComparison.ui with a task.

    panel = ComparisonPanel(ui, engine.analysis, logic.getParameterNode)
    panel.setParameterNode(parameterNode)
    panel.cleanup()
    """

    def __init__(self, ui: Any, analysis: RemoteAnalysis, findParameters: Callable[[], Any]) -> None:
        self.ui = ui
        self._findParameters = findParameters
        self._parameterNode: Any = None
        self.task = ComparisonTask(analysis)
        ui.compareButton.connect("clicked(bool)", self.onCompare)
        ui.cancelComparisonButton.connect("clicked(bool)", self.onCancel)
        ui.exportComparisonButton.connect("clicked(bool)", self.onExport)
        ui.comparedSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.refresh)
        ui.referenceSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.refresh)
        self.task.on_progress.connect(self.onProgress)
        self.task.on_compared.connect(self.onCompared)
        self.task.on_failed.connect(self.onFailed)
        self.refresh()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            show_table(self.ui.comparisonTable, parameterNode.agreementTable)
        self.refresh()

    def closeScene(self) -> None:
        """Stop what runs and say nothing more of it; its table would have no place to go."""
        self.task.abandon()
        self.ui.comparisonStatus.text = ""

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        self.task.abandon()

    def refresh(self) -> None:
        """Enable what can be done now, and say in the tooltip what is missing for the rest."""
        segmentation, reference = self.ui.comparedSelector.currentNode(), self.ui.referenceSelector.currentNode()
        missing = ""
        if segmentation is None or reference is None:
            missing = _("Choose a segmentation and a reference.")
        elif segmentation is reference:
            missing = _("Choose a reference other than the segmentation itself.")
        elif self.task.running:
            missing = _("A comparison is running.")
        self.ui.compareButton.enabled = not missing
        self.ui.compareButton.toolTip = missing or _("Compare segments that have the same name.")
        self.ui.cancelComparisonButton.enabled = self.task.running
        self.ui.exportComparisonButton.enabled = self.ui.comparisonTable.mrmlTableNode() is not None

    def onCompare(self) -> None:
        """Start with what is chosen."""
        segmentation, reference = self.ui.comparedSelector.currentNode(), self.ui.referenceSelector.currentNode()
        try:
            self.task.start(segmentation, reference, self.ui.toleranceSpinBox.value)
        except UserError as error:
            self.onFailed(error)
            return
        self.ui.comparisonStatus.text = _("Comparing")
        self.refresh()

    def onCancel(self) -> None:
        """Ask the comparison to stop."""
        self.ui.comparisonStatus.text = _("Stopping")
        self.task.cancel()

    def onProgress(self, progress: ProgressMessage) -> None:
        """Show how far it is."""
        self.ui.comparisonStatus.text = _("Comparing, {percent} %").format(percent=round(100 * progress.fraction))

    def onCompared(self, tableNode: Any) -> None:
        """Show the table."""
        (self._parameterNode or self._findParameters()).agreementTable = tableNode
        show_table(self.ui.comparisonTable, tableNode)
        rows = tableNode.GetNumberOfRows()
        self.ui.comparisonStatus.text = _("{count} structures have the same name in both.").format(count=rows)
        self.refresh()

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do."""
        self.ui.comparisonStatus.text = failure_text(error)
        self.refresh()

    def onExport(self) -> None:
        """Write the table as CSV where the user wants it."""
        told = export_table(self.ui.comparisonTable.mrmlTableNode())
        self.ui.comparisonStatus.text = told or self.ui.comparisonStatus.text
