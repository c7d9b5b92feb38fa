"""slicer.packaging: requirements are checked for real, and installations only recorded.

A test reads INSTALLED, and lets an installation be declined through desktop.dialogs. What pip does besides
is up to the functions in EFFECTS: they get its arguments, may put packages in place, and raise
CalledProcessError to let it fail.
"""

from __future__ import annotations

import importlib.metadata
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import slicer
from packaging.requirements import Requirement


@dataclass(frozen=True)
class Installation:
    """One call of pip that would have been made."""

    requirements: tuple[str, ...]
    constraints: str | None
    requester: str | None


INSTALLED: list[Installation] = []
EFFECTS: list[Callable[[list[str]], None]] = []


def load_requirements(path: str | Path) -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def pip_check(requirements: Any) -> bool:
    """True if all are installed in a version that fits."""
    return all(_is_satisfied(requirement) for requirement in _as_list(requirements))


def pip_ensure(
    requirements: Any,
    constraints: str | Path | None = None,
    skip_packages: list[str] | None = None,
    prompt_install: bool = True,
    prompt_restart: bool = True,
    requester: str | None = None,
    skip_in_testing: bool = True,
    show_progress: bool = True,
) -> None:
    """Ask, then record what would be installed; nothing happens if everything is there.

    Left out: the question whether to restart.
    """
    missing = [requirement for requirement in _as_list(requirements) if not _is_satisfied(requirement)]
    if not missing or (skip_in_testing and slicer.app.testingEnabled()):
        return
    names = ", ".join(map(str, missing))
    if prompt_install and not slicer.util.confirmOkCancelDisplay(f"{requester or 'Slicer'} needs to install: {names}"):
        raise RuntimeError("User declined package installation")
    pip_install([str(requirement) for requirement in missing], constraints=constraints, requester=requester)


def pip_install(
    requirements: str | list[str], constraints: str | Path | None = None, requester: str | None = None, **_: Any
) -> None:
    """Recorded; a failure of pip is shown before it is raised."""
    try:
        run_pip_install(_arguments(requirements), None if constraints is None else str(constraints), requester)
    except CalledProcessError:
        slicer.util.errorDisplay("Package installation failed.")
        raise


def pip_uninstall(requirements: str | list[str], **_: Any) -> None:
    names = _arguments(requirements)
    INSTALLED.append(Installation(tuple(f"-{name}" for name in names), None, None))
    _take_effect(["uninstall", *names, "--yes"])


def run_pip_install(arguments: list[str], constraints: str | None, requester: str | None) -> None:
    """What is behind pip_install, here and in older versions of Slicer."""
    INSTALLED.append(Installation(tuple(arguments), constraints, requester))
    _take_effect(["install", *arguments, *(["-c", constraints] if constraints else [])])


def forget() -> None:
    """For the next test."""
    INSTALLED.clear()
    EFFECTS.clear()


def _arguments(requirements: str | list[str]) -> list[str]:
    return shlex.split(requirements) if isinstance(requirements, str) else list(requirements)


def _take_effect(arguments: list[str]) -> None:
    for effect in EFFECTS:
        effect(arguments)


def _as_list(requirements: Any) -> list[Requirement]:
    if isinstance(requirements, str | Requirement):
        requirements = [requirements]
    items: Iterable[Any] = requirements
    return [item if isinstance(item, Requirement) else Requirement(item) for item in items]


def _is_satisfied(requirement: Requirement) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return requirement.specifier.contains(version, prereleases=True)
