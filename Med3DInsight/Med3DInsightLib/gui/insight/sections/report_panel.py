"""The section "Report": everything that is known of a volume, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ....engine.messages import ProgressMessage
from ....engine.remote_report import RemoteReport
from ....errors import UserError
from ....export.report import REPORT_FILES
from ...job_in_hand import JobInHand, failure_text, progress_text
from ..tasks.report_of_scene import report_of
from .chosen_input import ChosenInput


class ReportPanel:
    """Connects the widgets of Med3DInsightReport.ui with the nodes of the chosen volume and a worker.

        panel = ReportPanel(ui, chosen, engine.report)
        panel.cleanup()

    The nodes are read when the button is pressed; what becomes of them later does not matter to the report.
    """

    def __init__(self, ui: Any, chosen: ChosenInput, report: RemoteReport) -> None:
        self.ui = ui
        self.hand = JobInHand(report.client)
        self._chosen = chosen
        self._report = report
        ui.reportButton.connect("clicked(bool)", self.onReport)
        ui.cancelReportButton.connect("clicked(bool)", self.hand.cancel)
        chosen.on_changed.connect(self.refresh)
        self.hand.on_progress.connect(self.onProgress)
        self.hand.on_failed.connect(self.onFailed)
        self.hand.on_changed.connect(self.refresh)
        self.refresh()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Nothing of the report is kept in the scene."""
        self.refresh()

    def closeScene(self) -> None:
        """What was written stays, and what is being written was read from the scene already."""
        if not self.hand.busy:
            self.ui.reportStatus.text = ""

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        self.hand.abandon()
        self._chosen.on_changed.disconnect(self.refresh)

    def refresh(self) -> None:
        """Enable what can be done now, and say in the tooltip what is missing."""
        missing = ""
        if self._chosen.volumeNode is None:
            missing = _("Choose a volume.")
        elif self.hand.busy:
            missing = _("A report is being written.")
        self.ui.reportButton.enabled = not missing
        told = _("Pictures, tables, captions and where they come from, as one HTML file and as JSON.")
        self.ui.reportButton.toolTip = missing or told
        self.ui.cancelReportButton.enabled = self.hand.busy

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
        self.ui.reportStatus.text = _("Writing the report ...")

    def onProgress(self, progress: ProgressMessage) -> None:
        """Show how far it is."""
        self.ui.reportStatus.text = progress_text(progress)

    def onWritten(self, folder: Path) -> None:
        """Say where it is."""
        told: str = _("The report is in {path}.")
        self.ui.reportStatus.text = told.format(path=folder / "report.html")

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do; there is no report then."""
        self.ui.reportStatus.text = failure_text(error)
        self.refresh()
