"""The section "Report": everything that is known of a volume, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ....engine.remote_report import RemoteReport
from ....errors import UserError
from ....export.report import REPORT_FILES
from ...job_in_hand import JobInHand
from ..tasks.report_of_scene import report_of
from .chosen_input import ChosenInput
from .task_section import TaskSection


class ReportPanel(TaskSection):
    """Connects the widgets of Med3DInsightReport.ui with the nodes of the chosen volume and a worker.

        panel = ReportPanel(ui, chosen, engine.report)
        panel.cleanup()

    The nodes are read when the button is pressed; what becomes of them later does not matter to the report.
    """

    def __init__(self, ui: Any, chosen: ChosenInput, report: RemoteReport) -> None:
        self.hand = JobInHand(report.client)
        super().__init__(chosen, self.hand, ui.reportStatus, ui.cancelReportButton)
        self.ui = ui
        self._report = report
        ui.reportButton.connect("clicked(bool)", self.onReport)
        self.refresh()

    def closeScene(self) -> None:
        """What was written stays, and what is being written was read from the scene already."""
        if not self.hand.busy:
            self._status.text = ""

    def onAnotherVolume(self) -> None:
        """What was told is about a file, and stays true."""

    def refresh(self) -> None:
        """Enable what can be done now, and say in the tooltip what is missing."""
        super().refresh()
        missing = ""
        if self._chosen.volumeNode is None:
            missing = _("Choose a volume.")
        elif self.hand.busy:
            missing = _("A report is being written.")
        self.ui.reportButton.enabled = not missing
        told = _("Pictures, tables, captions and where they come from, as one HTML file and as JSON.")
        self.ui.reportButton.toolTip = missing or told

    def onReport(self) -> None:
        """Let the report be written where the user wants it."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for the report"))
        if not folder:
            return
        there = any((Path(folder) / name).exists() for name in REPORT_FILES)
        if there and not slicer.util.confirmYesNoDisplay(_("Replace the report that is in this folder?")):
            return
        try:
            content = report_of(self._chosen.volumeNode, self._chosen.card, self.ui.segmentationSelector.currentNode())
            self.hand.take(self._report.write(content, Path(folder), overwrite=there), self.onWritten)
        except UserError as error:
            self.onFailed(error)
            return
        self._status.text = _("Writing the report ...")

    def onWritten(self, folder: Path) -> None:
        """Say where it is."""
        told: str = _("The report is in {path}.")
        self._status.text = told.format(path=folder / "report.html")
