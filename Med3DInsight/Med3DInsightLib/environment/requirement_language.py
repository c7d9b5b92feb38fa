"""The language of requirements and versions (PEP 440, PEP 508), read by whichever copy of its library is there."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any

from ..errors import UserError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

# slicer.packaging brings the first; pip has the second inside, as its documentation of vendoring says.
_COPIES = ("packaging", "pip._vendor.packaging")


class RequirementLanguage:
    """Reads requirements and compares versions, also when the package that usually does so is broken.

        language = RequirementLanguage.find()
        requirement = language.requirement("monai>=1.6")
        language.accepts(requirement, "1.6.1")       # True

    find() raises UserError if neither packaging nor pip can be imported.
    """

    def __init__(self, requirements: Any, versions: Any) -> None:
        self._requirements = requirements
        self._versions = versions

    @classmethod
    def find(cls) -> RequirementLanguage:
        """The installed library, or the copy inside pip."""
        causes = []
        for copy in _COPIES:
            try:
                return cls(importlib.import_module(f"{copy}.requirements"), importlib.import_module(f"{copy}.version"))
            except Exception as error:  # a broken package may raise anything on import
                causes.append(f"{copy}: {type(error).__name__}: {error}")
        raise UserError(
            f"neither packaging nor pip can be imported ({'; '.join(causes)})", next_step="install 3D Slicer again"
        )

    def requirement(self, text: str) -> Requirement:
        """The parsed requirement; raises UserError if it cannot be read."""
        try:
            parsed: Requirement = self._requirements.Requirement(text)
        except self._requirements.InvalidRequirement as error:
            raise UserError(f"'{text}' is not a requirement ({error})") from error
        return parsed

    def applies(self, requirement: Requirement) -> bool:
        """Whether its marker fits this computer, and it belongs to no extra."""
        return requirement.marker is None or bool(requirement.marker.evaluate({"extra": ""}))

    def accepts(self, requirement: Requirement, version: str) -> bool:
        """Whether a version fulfils a requirement; one that cannot be read fulfils only a requirement of any."""
        if not self.is_version(version):
            return not str(requirement.specifier)
        return bool(requirement.specifier.contains(version, prereleases=True))

    def reaches(self, requirement: Requirement, version: str) -> bool:
        """Whether a version fulfils a requirement but for its upper bounds.

        Those guess what later versions will be like, and other extensions may have reason to go beyond.
        """
        if not self.is_version(version):
            return not str(requirement.specifier)
        bounds = [each for each in requirement.specifier if each.operator not in {"<", "<=", "!="}]
        return all(each.contains(version, prereleases=True) for each in bounds)

    def is_version(self, text: str) -> bool:
        """Whether PEP 440 knows such a version."""
        try:
            self._versions.Version(text)
        except self._versions.InvalidVersion:
            return False
        return True

    def same_release(self, one: str, other: str) -> bool:
        """Whether two versions differ at most in what follows the plus sign (2.8.0 and 2.8.0+cu126)."""
        if not (self.is_version(one) and self.is_version(other)):
            return one == other
        return bool(self._versions.Version(one).public == self._versions.Version(other).public)


def canonical(name: str) -> str:
    """The name of a distribution as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
