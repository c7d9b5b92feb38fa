"""Removing what pip left of a package."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from ..errors import UserError
from .package_files import PackageFiles


def remove_remains(name: str, search_path: Sequence[str] | None = None) -> None:
    """Remove every file and folder of a package and of its metadata.

    For what pip cannot uninstall: packages without a record, records without files, empty folders.
    Raises UserError if something cannot be removed, which on Windows is so for libraries in use.
    """
    for path in PackageFiles(name, search_path).remains():
        try:
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path)
        except OSError as error:
            raise UserError(
                f"cannot be removed ({error.strerror or error})",
                path,
                "restart Slicer and repair before anything else is done with it",
            ) from error
