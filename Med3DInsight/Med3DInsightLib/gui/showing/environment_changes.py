"""Installing what is missing and repairing torch, after the user agreed."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from ...environment import (
    EnvironmentReport,
    PackageReport,
    State,
    frozen_constraints,
    inspect_environment,
)
from ...environment.changes import installed_versions, replaced_in_use
from ...environment.package_files import PackageFiles
from ...environment.remains import remove_remains
from ...errors import UserError
from .environment_texts import word_for
from .package_installer import PackageInstaller
from .torch_extension import TorchExtension

_REQUESTER = "Med3DInsight"
_WITH_TORCH = ("torch", "torchvision")  # the extension installs both, built for each other


@dataclass(frozen=True)
class Change:
    """What came of it: whether the user agreed, and what was replaced while Slicer had it loaded."""

    agreed: bool
    replaced_in_use: tuple[str, ...] = ()


class EnvironmentChanges:
    """The two things that can be done about an environment.

        changes = EnvironmentChanges(installer_of_slicer(), TorchExtension(), ask, changing)
        changes.install_missing(inspect_environment()).replaced_in_use
        changes.repair_torch(inspect_environment())

    ask gets a text and details and returns whether the user agrees; nothing happens before. The change is
    made inside changing(), which has to stop whatever uses the packages. Both run on the GUI thread.
    """

    def __init__(
        self,
        installer: PackageInstaller,
        torch: TorchExtension,
        ask: Callable[[str, str], bool],
        changing: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self._installer = installer
        self._torch = torch
        self._ask = ask
        self._changing = changing

    def install_missing(self, report: EnvironmentReport) -> Change:
        """Install torch, unless it is there, and then the other packages; a broken torch is left to repair_torch().

        torch comes first because MONAI would bring another one, which may not fit the driver. Raises UserError
        if something could not be installed; what was installed before stays.
        """
        torch = report.torch
        if torch.state == State.BROKEN:
            raise UserError(_("PyTorch is broken"), next_step=_('press "Repair PyTorch" first'))
        if torch.state != State.INSTALLED:
            self._torch.check()
        if not self._ask(*_question_about(report)):
            return Change(agreed=False)
        with self._changing():
            before = installed_versions()
            if torch.state != State.INSTALLED:
                self._install_torch(torch)
            self._remove(report.must_go_first)
            if report.to_install:
                self._install(report.to_install)
            return Change(True, replaced_in_use(before, installed_versions(), report.must_go_first))

    def repair_torch(self, report: EnvironmentReport) -> Change:
        """Remove torch with everything that is left of it, and install it anew; raises UserError if that fails."""
        self._torch.check()
        text = _(
            "PyTorch and torchvision will be removed and installed again through the PyTorch extension. The download"
            " is up to 3 GB and takes some minutes; other extensions use the same PyTorch. Running analyses are"
            " stopped.\n\nRepair PyTorch now?"
        )
        if not self._ask(
            text, f"{report.torch.name} {report.torch.found}: {report.torch.reason or _('no damage seen')}"
        ):
            return Change(agreed=False)
        with self._changing():
            before = installed_versions()
            self._remove(_WITH_TORCH)
            self._install_torch(report.torch)
            return Change(True, replaced_in_use(before, installed_versions(), _WITH_TORCH))

    def _install_torch(self, torch: PackageReport) -> None:
        self._torch.install(torch.required)
        after = inspect_environment().torch
        if after.state != State.INSTALLED:
            raise UserError(
                _("PyTorch is {state} although the PyTorch extension installed it").format(state=word_for(after.state)),
                next_step=after.reason or _("restart Slicer and try again"),
            )

    def _remove(self, names: Sequence[str]) -> None:
        """Uninstall packages, and then remove what pip does not know of; what it does know of stays its business."""
        records = _records(names)
        while any(records.values()):
            self._installer.uninstall([name for name in names if records[name]])
            before, records = records, _records(names)
            if sum(records.values()) >= sum(before.values()):
                raise UserError(
                    _("pip did not remove {names}").format(names=", ".join(name for name in names if records[name])),
                    next_step=_("restart Slicer and repair before anything else is done"),
                )
        for name in names:
            remove_remains(name)

    def _install(self, requirements: Sequence[str]) -> None:
        with tempfile.TemporaryDirectory(prefix="med3dinsight-") as folder:
            constraints = Path(folder) / "constraints.txt"
            constraints.write_text(frozen_constraints(), encoding="utf-8")
            self._installer.install(requirements, constraints, _REQUESTER)


def _records(names: Sequence[str]) -> dict[str, int]:
    importlib.invalidate_caches()
    return {name: PackageFiles(name).records for name in names}


def _question_about(report: EnvironmentReport) -> tuple[str, str]:
    """The question before an installation, and its details: every requirement, and what stays as it is."""
    lines = list(report.to_install)
    if report.torch.state != State.INSTALLED:
        lines.insert(
            0, f"{report.torch.name}{report.torch.required} " + _("(through the PyTorch extension, up to 3 GB)")
        )
    kept = ", ".join(frozen_constraints().split()) or _("nothing")
    text = _(
        "Med3DInsight needs Python packages:\n\n{packages}\n\nThey are downloaded from the Internet into the Python of"
        " Slicer. Running analyses are stopped.\n\nInstall them now?"
    ).format(packages="\n".join(lines))
    details = _("Stays as it is: {kept}").format(kept=kept)
    if report.must_go_first:
        details += "\n" + _("Removed first, because broken: {names}").format(names=", ".join(report.must_go_first))
    return text, details
