"""The section "Environment" of both modules: what is installed, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...engine.signal import Signal
from ...environment import EnvironmentReport, TrialProcess, inspect_environment
from ...errors import UserError
from ..selectors import as_tool_tip
from ..slicer_python import slicer_python
from .environment_changes import Change, EnvironmentChanges
from .environment_texts import (
    outcome_of,
    outcome_of_trial,
    problems_of,
    summary_of,
    why_not_install,
    why_not_repair,
    word_for,
)

_UI = Path(__file__).resolve().parents[3] / "Resources" / "UI" / "Med3DInsightEnvironment.ui"
_POLL_MS = 100


class EnvironmentPanel:
    """Shows the state of every package; installs, repairs and tries them.

        panel = EnvironmentPanel(changes, qt.QTimer())
        panel.checked.connect(build_the_rest)      # after every look at what is installed
        layout.addWidget(panel.widget)
        panel.check()
        panel.cleanup()

    The widgets of Med3DInsightEnvironment.ui are attributes of panel.ui. Needs no package but Slicer's own.
    """

    def __init__(self, changes: EnvironmentChanges, timer: Any) -> None:
        self.checked = Signal()
        self.report: EnvironmentReport | None = None
        self.widget = slicer.util.loadUI(str(_UI))
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._changes = changes
        self._timer = timer
        self._trial: TrialProcess | None = None
        self._replacedInUse: tuple[str, ...] = ()
        self.ui.packagesTable.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        timer.setInterval(_POLL_MS)
        timer.connect("timeout()", self.onTrialPolled)
        self.ui.installButton.connect("clicked(bool)", self.onInstall)
        self.ui.repairButton.connect("clicked(bool)", self.onRepair)
        self.ui.checkButton.connect("clicked(bool)", self.onCheck)
        self.ui.tryButton.connect("clicked(bool)", self.onTry)

    @property
    def usable(self) -> bool:
        """Whether everything is installed, as far as is known."""
        return self.report is not None and self.report.complete

    def check(self) -> None:
        """Look at what is installed and show it; the section opens if something is wrong."""
        try:
            self._show(inspect_environment())
        except UserError as error:  # not even requirements can be read
            self.report = None
            self._refreshButtons()
            self.ui.summaryLabel.text = ""
            self.tellProblem(str(error))

    def tellProblem(self, text: str) -> None:
        """Say, in the open section, what is wrong besides the states of packages."""
        self.ui.summaryLabel.text = "\n".join(filter(None, [self.ui.summaryLabel.text, text]))
        self.ui.environmentSection.collapsed = False

    def cleanup(self) -> None:
        """The widgets are about to be deleted; PythonQt keeps what is connected to a timer."""
        self._endTrial()
        self._timer.disconnect("timeout()", self.onTrialPolled)

    def onCheck(self) -> None:
        """Look again."""
        self.ui.statusLabel.text = ""
        self.check()

    def onInstall(self) -> None:
        """Install what is missing, if the user agrees."""
        self._change(self._changes.install_missing)

    def onRepair(self) -> None:
        """Remove torch and install it again, if the user agrees."""
        self._change(self._changes.repair_torch)

    def onTry(self) -> None:
        """Start a worker's Python that imports everything, or stop it."""
        if self._trial is not None:
            self._endTrial()
            self.ui.statusLabel.text = _("Stopped.")
        elif self.report is not None:
            try:
                self._trial = TrialProcess([slicer_python()], [each.import_name for each in self.report.all_packages])
            except OSError as error:
                self.ui.statusLabel.text = _("Python could not be started: {error}").format(error=error)
            else:
                self._timer.start()
                self.ui.statusLabel.text = _("Importing the packages in a process of their own...")
        self._refreshButtons()

    def onTrialPolled(self) -> None:
        """Show what came of the trial once it is finished."""
        result = self._trial.poll() if self._trial is not None else None
        if result is None or self.report is None:
            return
        self._endTrial()
        self.ui.statusLabel.text = outcome_of_trial(result)
        self._show(self.report.after_trial(result.errors))

    def _change(self, change: Callable[[EnvironmentReport], Change]) -> None:
        if self.report is None:
            return
        self._endTrial()
        outcome, done = "", Change(agreed=False)
        try:
            done = change(self.report)
        except UserError as error:
            outcome = str(error)
        finally:  # whatever happened, it may have changed something
            self._replacedInUse += done.replaced_in_use
            self.check()
        self.ui.statusLabel.text = outcome or outcome_of(done, self.usable)

    def _endTrial(self) -> None:
        self._timer.stop()
        if self._trial is not None:
            self._trial.cancel()
            self._trial = None

    def _show(self, report: EnvironmentReport) -> None:
        self.report = report
        self._fillTable(report)
        self.ui.summaryLabel.text = "\n".join([summary_of(report), *problems_of(report, self._replacedInUse)])
        if not report.complete or self._replacedInUse:
            self.ui.environmentSection.collapsed = False
        self._refreshButtons()
        self.checked.emit()

    def _fillTable(self, report: EnvironmentReport) -> None:
        table = self.ui.packagesTable
        table.setRowCount(len(report.all_packages))
        for row, package in enumerate(report.all_packages):
            for column, text in enumerate([package.name, word_for(package.state), package.required, package.found]):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(as_tool_tip(package.reason or text))
                table.setItem(row, column, item)

    def _refreshButtons(self) -> None:
        """Enable what can be done now; tooltips say why the rest cannot."""
        no_install = no_repair = _("It is not known what is installed; see above.")
        if self.report is not None:
            no_install, no_repair = why_not_install(self.report), why_not_repair(self.report)
        self.ui.installButton.enabled = not no_install
        self.ui.installButton.toolTip = no_install or _("Download and install what is missing, after asking.")
        self.ui.repairButton.enabled = not no_repair
        self.ui.repairButton.toolTip = no_repair or _("Remove PyTorch and install it again, after asking.")
        self.ui.tryButton.enabled = self.report is not None
        self.ui.tryButton.text = _("Try it") if self._trial is None else _("Stop")
