"""What was found out about packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum


class State(Enum):
    """Whether a package can be used."""

    INSTALLED = "installed"
    MISSING = "missing"
    TOO_OLD = "too old"
    BROKEN = "broken"


@dataclass(frozen=True)
class PackageReport:
    """One package: what is required, what was found, and for a broken one, why it is.

    needs holds the requirements of the package that are not fulfilled, while its own files are complete.
    """

    name: str
    required: str
    state: State
    found: str = ""
    reason: str = ""
    needs: tuple[str, ...] = ()

    @property
    def import_name(self) -> str:
        """The name in an import statement, which for all packages needed here is this one."""
        return self.name.replace("-", "_")

    @property
    def to_install(self) -> tuple[str, ...]:
        """What pip has to install so that the package can be used."""
        if self.state == State.INSTALLED:
            return ()
        return self.needs or (f"{self.name}{self.required}",)

    @property
    def must_go_first(self) -> bool:
        """Whether its files have to be removed, because pip would take the package for installed."""
        return self.state == State.BROKEN and not self.needs

    def after_trial(self, errors: Mapping[str, str]) -> PackageReport:
        """The same, or a broken package if importing it raised one of errors, by import name."""
        if self.state != State.INSTALLED or self.import_name not in errors:
            return self
        return replace(self, state=State.BROKEN, reason=errors[self.import_name])


@dataclass(frozen=True)
class EnvironmentReport:
    """torch, which comes from the PyTorch extension, and the packages that pip installs.

    report = inspect_environment()
    report.complete
    [package.name for package in report.all_packages if package.state == State.MISSING]
    """

    torch: PackageReport
    packages: tuple[PackageReport, ...]

    @property
    def all_packages(self) -> tuple[PackageReport, ...]:
        """All of them, torch first."""
        return (self.torch, *self.packages)

    @property
    def complete(self) -> bool:
        """Whether everything is there."""
        return all(package.state == State.INSTALLED for package in self.all_packages)

    @property
    def to_install(self) -> tuple[str, ...]:
        """The requirements that pip has to install, each once, without torch."""
        return tuple(dict.fromkeys(line for package in self.packages for line in package.to_install))

    @property
    def must_go_first(self) -> tuple[str, ...]:
        """The packages whose files have to be removed before, without torch."""
        return tuple(package.name for package in self.packages if package.must_go_first)

    def after_trial(self, errors: Mapping[str, str]) -> EnvironmentReport:
        """The same with what a trial showed, which knows more than files tell."""
        return EnvironmentReport(
            self.torch.after_trial(errors), tuple(package.after_trial(errors) for package in self.packages)
        )
