"""slicer.packaging: requirements are checked for real, and installations only recorded.

A test reads INSTALLED, and lets an installation fail or be declined through desktop.dialogs.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
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
    """Ask, then record what would be installed; nothing happens if everything is there."""
    missing = [requirement for requirement in _as_list(requirements) if not _is_satisfied(requirement)]
    if not missing:
        return
    names = ", ".join(map(str, missing))
    if prompt_install and not slicer.util.confirmOkCancelDisplay(f"{requester or 'Slicer'} needs to install: {names}"):
        raise RuntimeError("The installation of packages was declined")
    pip_install([str(requirement) for requirement in missing], constraints=constraints, requester=requester)


def pip_install(
    requirements: str | list[str], constraints: str | Path | None = None, requester: str | None = None, **_: Any
) -> None:
    listed = requirements.split() if isinstance(requirements, str) else list(requirements)
    INSTALLED.append(Installation(tuple(listed), None if constraints is None else str(constraints), requester))


def pip_uninstall(requirements: str | list[str], **_: Any) -> None:
    listed = requirements.split() if isinstance(requirements, str) else list(requirements)
    INSTALLED.append(Installation(tuple(f"-{name}" for name in listed), None, None))


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
