"""What the environment panel says, in the language of the user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from slicer.i18n import tr

from ...environment import EnvironmentReport, State, TrialResult

if TYPE_CHECKING:
    from .environment_changes import Change  # which says states with word_for()

_: Callable[[str], str] = tr  # under the name that the search for texts knows, with the types that it has


def word_for(state: State) -> str:
    """The state of a package in the table."""
    words = {
        State.INSTALLED: _("installed"),
        State.MISSING: _("missing"),
        State.TOO_OLD: _("too old"),
        State.BROKEN: _("broken"),
    }
    return words[state]


def summary_of(report: EnvironmentReport) -> str:
    """One line: whether everything is there, or what is not."""
    if report.complete:
        return _("Everything that is needed is installed.")
    parts = []
    for state in (State.MISSING, State.TOO_OLD, State.BROKEN):
        names = ", ".join(package.name for package in report.all_packages if package.state == state)
        if names:
            parts.append(f"{word_for(state).capitalize()}: {names}.")
    return " ".join(parts)


def problems_of(report: EnvironmentReport, replaced_in_use: Sequence[str]) -> list[str]:
    """One line for every broken package, after the one that says why Slicer must be restarted."""
    lines = [f"{package.name}: {package.reason}." for package in report.all_packages if package.reason]
    if replaced_in_use:
        names = ", ".join(dict.fromkeys(replaced_in_use))
        lines.insert(0, _("Restart Slicer: {names} was replaced while in use.").format(names=names))
    return lines


def why_not_install(report: EnvironmentReport) -> str:
    """Why "Install what is missing" can do nothing; empty if it can."""
    if report.complete:
        return _("Nothing is missing.")
    if report.torch.state == State.BROKEN:
        return _('PyTorch is broken: press "Repair PyTorch" first.')
    return ""


def why_not_repair(report: EnvironmentReport) -> str:
    """Why "Repair PyTorch" can do nothing; empty if it can."""
    if report.torch.state == State.MISSING:
        return _('PyTorch is missing: press "Install what is missing".')
    return ""


def outcome_of(change: Change, usable: bool) -> str:
    """What came of an installation or a repair; usable is whether everything is there now."""
    if not change.agreed:
        return _("Nothing was changed.")
    return _("Everything is installed.") if usable else _("Not everything is installed yet; see above.")


def outcome_of_trial(result: TrialResult) -> str:
    """What works where, or what raised which error."""
    if not result.works:
        lines = [f"{name}: {error}" for name, error in result.errors.items()]
        return "\n".join([_("It does not work."), *lines])
    return _("It works. PyTorch {torch} computes on: {device}. MONAI {monai}.").format(
        torch=result.versions.get("torch", ""), monai=result.versions.get("monai", ""), device=result.device
    )
