"""The section of the panel that segments every volume of a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.batch.request import BatchRequest
from Med3DInsightLib.batch.summary import Counts, Status, Summary
from Med3DInsightLib.engine.messages import ProgressMessage
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.gui.figure_columns import show_figures
from Med3DInsightLib.gui.job_in_hand import time_left_text, was_cancelled
from Med3DInsightLib.gui.selectors import as_tool_tip
from Med3DInsightLib.gui.table_export import forbid_editing, set_low_rows
from Med3DInsightLib.gui.words import case_text
from Med3DInsightLib.mrml.table_nodes import table_from_columns

from .case_counter import CaseCounter
from .folder_task import FolderTask

_MOST_ERRORS = 3


class FolderPanel:
    """Connects the widgets of MedInsightSegmentFolder.ui with a run over a folder.

        panel = FolderPanel(ui, engine.analysis, requestOf, logic.getParameterNode)
        panel.setParameterNode(parameterNode)
        panel.cleanup()

    requestOf returns the SegmentRequest for the model and device that are chosen at that moment.
    """

    def __init__(
        self,
        ui: Any,
        analysis: RemoteAnalysis,
        requestOf: Callable[[], SegmentRequest],
        findParameters: Callable[[], Any],
    ) -> None:
        self.ui = ui
        self._findParameters = findParameters
        self._parameterNode: Any = None
        self.task = FolderTask(analysis)
        self.counter = CaseCounter(qt.QTimer())
        self._requestOf = requestOf
        ui.folderRunButton.connect("clicked(bool)", self.onRun)
        ui.folderCancelButton.connect("clicked(bool)", self.onCancel)
        ui.folderInputEdit.connect("currentPathChanged(QString)", self.onFoldersChosen)
        ui.folderOutputEdit.connect("currentPathChanged(QString)", self.onFoldersChosen)
        self.counter.on_changed.connect(self.refresh)
        self.task.on_progress.connect(self.onProgress)
        self.task.on_summary.connect(self.onSummary)
        self.task.on_done.connect(self.onDone)
        self.task.on_failed.connect(self.onFailed)
        self.onFoldersChosen()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self._show(parameterNode.folderTable)

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        self.counter.on_changed.disconnect(self.refresh)
        self.counter.stop()
        self.task.close()

    def refresh(self) -> None:
        """Tell how many volumes there are, enable what can be done now, and say what is missing for the rest."""
        missing, counter = self._missing(), self.counter
        told = _("{count} volumes were found.") if counter.finished else _("{count} volumes were found so far.")
        self.ui.folderCountLabel.text = counter.problem or told.format(count=counter.found) if self._input() else ""
        self.ui.folderRunButton.enabled = not missing
        tip: str = missing or _("Segment every volume that has no current result yet.")
        self.ui.folderRunButton.toolTip = as_tool_tip(tip)
        self.ui.folderCancelButton.enabled = self.task.running

    def onFoldersChosen(self) -> None:
        """Count the volumes of the input folder, without those in the output folder."""
        if self._input():
            self.counter.count(Path(self._input()), Path(self._output()) if self._output() else None)
        else:
            self.counter.stop()

    def onRun(self) -> None:
        """Start a run with what is chosen."""
        chosen, replace = self._requestOf(), self.ui.folderReplaceCheckBox.checked
        if not chosen.model:
            self.ui.folderStatusLabel.text = _("Choose a model; no installed model matches the search.")
            return
        try:
            self.task.start(BatchRequest(Path(self._input()), Path(self._output()), chosen, overwrite=replace))
        except UserError as error:
            self.onFailed(error)
            return
        self.ui.folderInputEdit.addCurrentPathToHistory()
        self.ui.folderOutputEdit.addCurrentPathToHistory()
        self.ui.folderProgressBar.value = 0
        self.ui.folderStatusLabel.text = _("Starting")
        self.ui.folderErrorsLabel.text = ""
        self.refresh()

    def onCancel(self) -> None:
        """Ask the run to stop."""
        self.ui.folderStatusLabel.text = _("Stopping")
        self.task.cancel()

    def onProgress(self, progress: ProgressMessage) -> None:
        """Show which case is computed, how far all is, and how long it will take."""
        self.ui.folderProgressBar.value = round(1000 * progress.fraction)
        self.ui.folderStatusLabel.text = f"{case_text(progress.stage)}{time_left_text(progress.seconds_left)}"

    def onSummary(self, summary: Summary, folder: Path) -> None:
        """Put the table of a folder into the scene and show it."""
        name = _("{folder} structures").format(folder=folder.name)
        table = table_from_columns(slicer.mrmlScene, summary.columns(), name)
        (self._parameterNode or self._findParameters()).folderTable = table
        self._show(table)
        errors = [row.error for row in summary.rows if row.status == Status.FAILED]
        more = [_("More are in the table.")] if len(errors) > _MOST_ERRORS else []
        self.ui.folderErrorsLabel.text = "\n".join(errors[:_MOST_ERRORS] + more)

    def onDone(self, counts: Counts) -> None:
        """Say what became of the cases."""
        self.ui.folderProgressBar.value = 1000
        told = _("{done} done, {skipped} skipped, {failed} failed.")
        self.ui.folderStatusLabel.text = told.format(done=counts.done, skipped=counts.skipped, failed=counts.failed)
        self.refresh()

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do."""
        self.ui.folderProgressBar.value = 0
        told = _("Cancelled. What is complete is kept; run it again to go on.")
        self.ui.folderStatusLabel.text = told if was_cancelled(error) else str(error)
        self.refresh()

    def _show(self, tableNode: Any) -> None:
        """A table of many columns is scrolled rather than squeezed."""
        forbid_editing(self.ui.folderTable)
        self.ui.folderTable.setMRMLTableNode(tableNode)
        if tableNode is not None:
            show_figures(self.ui.folderTable, tableNode)
        self.ui.folderTable.resizeColumnsToContents()
        set_low_rows(self.ui.folderTable)

    def _missing(self) -> str:
        """What a run cannot start without, or nothing."""
        missing: str = ""
        if not self._input():
            missing = _("Choose the folder with the volumes.")
        elif not self._output():
            missing = _("Choose a folder for the results.")
        elif self.task.running:
            missing = _("A folder is being segmented.")
        elif not self.counter.finished:
            missing = _("The volumes are being counted.")
        elif not self.counter.found:
            missing = self.counter.problem or _("The folder holds no volume.")
        return missing

    def _input(self) -> str:
        return str(self.ui.folderInputEdit.currentPath)

    def _output(self) -> str:
        return str(self.ui.folderOutputEdit.currentPath)
