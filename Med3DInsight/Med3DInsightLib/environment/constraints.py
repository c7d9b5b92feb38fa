"""What pip must leave as it is."""

from __future__ import annotations

from collections.abc import Sequence

from .package_files import PackageFiles
from .requirement_language import RequirementLanguage

# torch and torchvision are built for the driver; the others are part of Slicer, and in use when pip runs.
FROZEN = ("torch", "torchvision", "numpy", "scipy", "SimpleITK")


def frozen_constraints(search_path: Sequence[str] | None = None) -> str:
    """The content of a constraints file that keeps the installed versions of FROZEN.

    A local version such as 2.8.0+cu126 is kept whole. A version that PEP 440 does not know is frozen by
    ===, with which pip stops; it would ignore the installed package and put a second one beside it
    (https://pip.pypa.io/en/stable/news/#b1-2024-05-06). Raises UserError as RequirementLanguage.find().
    """
    language = RequirementLanguage.find()
    lines = []
    for name in FROZEN:
        version = PackageFiles(name, search_path).recorded_version
        if version:
            lines.append(f"{name}{'==' if language.is_version(version) else '==='}{version}")
    return "".join(f"{line}\n" for line in lines)
