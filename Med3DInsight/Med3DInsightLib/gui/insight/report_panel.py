"""The section "Report": everything that is known of a volume, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...errors import UserError
from ...export.report import REPORT_FILES, write_report
from .chosen_input import ChosenInput
from .report_of_scene import report_of


class ReportPanel:
    """Connects the widgets of Med3DInsightReport.ui with the nodes of the chosen volume.

    panel = ReportPanel(ui, chosen)
    """

    def __init__(self, ui: Any, chosen: ChosenInput) -> None:
        self.ui = ui
        self._chosen = chosen
        ui.reportButton.connect("clicked(bool)", self.onReport)
        chosen.on_changed.connect(self.refresh)
        self.refresh()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Nothing of the report is kept in the scene."""
        self.refresh()

    def closeScene(self) -> None:
        """What was written stays."""
        self.ui.reportStatus.text = ""

    def cleanup(self) -> None:
        """The widgets are about to be deleted."""
        self._chosen.on_changed.disconnect(self.refresh)

    def refresh(self) -> None:
        """Enable what can be done now."""
        self.ui.reportButton.enabled = self._chosen.volumeNode is not None

    def onReport(self) -> None:
        """Write the report where the user wants it."""
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for the report"))
        if not folder:
            return
        there = any((Path(folder) / name).exists() for name in REPORT_FILES)
        if there and not slicer.util.confirmYesNoDisplay(_("Replace the report that is in this folder?")):
            return
        self.ui.reportButton.enabled = False
        self.ui.reportStatus.text = _("Writing the report ...")
        slicer.app.processEvents()  # else nothing of this is seen: drawing and measuring below take seconds
        try:
            self.ui.reportStatus.text = self._write(Path(folder), there)
        except UserError as error:
            self.ui.reportStatus.text = str(error)
        finally:
            self.refresh()

    def _write(self, folder: Path, overwrite: bool) -> str:
        """Write, and return what to tell the user."""
        chosen = self.ui.segmentationSelector.currentNode()
        with slicer.util.WaitCursor():
            content = report_of(self._chosen.volumeNode, self._chosen.card, chosen)
            write_report(folder, content, overwrite=overwrite)
        told: str = _("The report is in {path}.")
        return told.format(path=folder / "report.html")
