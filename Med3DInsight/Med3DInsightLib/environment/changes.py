"""What an installation changed under the feet of this process."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Iterable, Mapping

from .package_files import metadata_of, text_of
from .requirement_language import canonical


def installed_versions() -> dict[str, str]:
    """The version of every distribution, by canonical name; those without a name or version are left out."""
    importlib.invalidate_caches()
    versions: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        metadata = metadata_of(distribution)
        if metadata["Name"] and metadata["Version"]:
            versions.setdefault(canonical(metadata["Name"]), metadata["Version"])
    return versions


def replaced_in_use(
    before: Mapping[str, str], after: Mapping[str, str], reinstalled: Iterable[str] = ()
) -> tuple[str, ...]:
    """The distributions that changed, or were reinstalled, while a module of theirs was imported.

    Such modules stay as they were in memory, beside new files on the disk, until Slicer is restarted.
    """
    changed = {name for name, version in after.items() if before.get(name, version) != version}
    changed |= {canonical(name) for name in reinstalled}
    return tuple(sorted(name for name in changed if any(module in sys.modules for module in _modules_of(name))))


def _modules_of(name: str) -> set[str]:
    """What can be imported from a distribution; its name with underscores if it does not tell."""
    modules = {name.replace("-", "_")}
    for distribution in importlib.metadata.distributions(name=name):
        modules |= set(text_of(distribution, "top_level.txt").split())
        for line in text_of(distribution, "RECORD").splitlines():
            first, _, rest = line.partition(",")[0].partition("/")
            modules.add(first if rest else first.partition(".")[0])
    return modules
