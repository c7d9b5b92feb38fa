"""Looking at what is installed, without importing any of it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import UserError
from .constraints import FROZEN
from .package_files import PackageFiles
from .package_report import EnvironmentReport, PackageReport, State
from .requirement_language import RequirementLanguage, canonical
from .requirements_file import read_requirements

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def inspect_environment(
    requirements: Sequence[str] | None = None, search_path: Sequence[str] | None = None
) -> EnvironmentReport:
    """The state of every requirement, of which the first is torch; those of the extension unless given.

    search_path is sys.path unless given. Raises UserError if the requirements, or requirements at all,
    cannot be read; a package in whatever state is a report.
    """
    importlib.invalidate_caches()  # pip, another process, may have changed everything
    language = RequirementLanguage.find()
    parsed = [language.requirement(line) for line in requirements or read_requirements()]
    torch, *packages = [_Inspection(language, search_path).report(each) for each in parsed if language.applies(each)]
    return EnvironmentReport(torch, tuple(packages))


class _Inspection:
    """One requirement and, if it is installed, what it requires in turn."""

    def __init__(self, language: RequirementLanguage, search_path: Sequence[str] | None) -> None:
        self._language = language
        self._search_path = search_path

    def report(self, requirement: Requirement) -> PackageReport:
        """The state of one package; files that cannot be read make it a broken one."""
        required = str(requirement.specifier)
        try:
            files = PackageFiles(requirement.name, self._search_path)
            found = files.recorded_version or files.own_version.text
            state, reason = self._state(requirement, files)
            needs = self._unfulfilled(files, {canonical(requirement.name)}) if state == State.INSTALLED else ()
        except Exception as error:  # damaged metadata raises whatever its parser raises
            reason = f"its files cannot be read ({type(error).__name__}: {error})"
            return PackageReport(requirement.name, required, State.BROKEN, reason=reason)
        if needs:
            state, reason = State.BROKEN, f"it needs {', '.join(needs)}"
        return PackageReport(requirement.name, required, state, found, reason, needs)

    def _state(self, requirement: Requirement, files: PackageFiles) -> tuple[State, str]:
        if not files.distributions and files.spec is None:
            return State.MISSING, ""
        damage = self._damage(requirement, files)
        if damage:
            return State.BROKEN, damage
        if not self._language.accepts(requirement, files.recorded_version):
            return State.TOO_OLD, ""
        return State.INSTALLED, ""

    def _damage(self, requirement: Requirement, files: PackageFiles) -> str:
        """What makes the package unusable, whatever its version; nothing if all is well."""
        recorded, own, lost = files.recorded_version, files.own_version, files.lost_files
        # What authors write by hand into __init__.py they sometimes forget, so it matters only if it is too old.
        believed = own.text and (own.certain or not self._language.accepts(requirement, own.text))
        if files.is_empty_folder:
            return "only a folder without content is left of it"
        if files.spec is None:
            return f"version {recorded} is recorded, but its files are gone"
        if not files.distributions:
            return "its files are there, but nothing records that it is installed"
        if not recorded:
            return "its files are there, but its record cannot be read"
        if len(files.recorded_versions) > 1:
            return (
                f"several versions are recorded: {', '.join(sorted(each or '?' for each in files.recorded_versions))}"
            )
        if believed and not self._language.same_release(own.text, recorded):
            return f"version {recorded} is recorded, but its files are those of {own.text}"
        if lost:
            return f"{len(lost)} of its files are gone, such as {lost[0]}"
        return ""

    def _unfulfilled(self, files: PackageFiles, seen: set[str]) -> tuple[str, ...]:
        """What the package requires, directly or through another, and is not there; what is frozen is left alone."""
        unfulfilled: list[str] = []
        for line in files.requires:
            try:
                needed = self._language.requirement(line)
            except UserError:  # written before PEP 508; importing does not mind
                continue
            name = canonical(needed.name)
            if name in seen or name in map(canonical, FROZEN) or not self._language.applies(needed):
                continue
            seen.add(name)
            its_files = PackageFiles(needed.name, self._search_path)
            if its_files.distributions and self._language.reaches(needed, its_files.recorded_version):
                unfulfilled += self._unfulfilled(its_files, seen)
            else:
                unfulfilled.append(f"{needed.name}{needed.specifier}")
        return tuple(unfulfilled)
