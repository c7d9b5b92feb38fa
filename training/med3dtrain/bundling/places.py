"""Where bundles are put: folders, complete or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from Med3DInsightLib.bundles import BundleError
from Med3DInsightLib.storage import output_error

from .whole_bundle import WholeBundle


@contextmanager
def new_bundle(folder: Path, name: str) -> Iterator[Path]:
    """A private folder that becomes folder/name when the block ends, if what is in it is a whole bundle.

    Raises BundleError if there is one already, if the name is no name of a folder, or if the bundle is not whole, and
    OutputError if folder cannot be written.
    """
    if Path(name).name != name or name in {"", ".", ".."}:
        raise BundleError(f"'{name}' cannot be the name of a folder", folder, "change the name in the card")
    target = folder / name
    if target.exists():
        raise BundleError("is there already", target, "remove it, or choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    except OSError as error:
        raise output_error(error, folder) from error
    try:
        staging.chmod(0o755)  # mkdtemp() keeps others out
        yield staging
        WholeBundle.open(staging)
        staging.rename(target)
    except OSError as error:
        raise output_error(error, folder) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def copy_bundle(source: WholeBundle, folder: Path) -> WholeBundle:
    """The bundle as folder/NAME, checked again there; raises as new_bundle() does."""
    name = source.bundle.card.name
    with new_bundle(folder, name) as staging:
        for file in source.files:
            shutil.copyfile(source.bundle.folder / file, staging / file)
    return WholeBundle.open(folder / name)
