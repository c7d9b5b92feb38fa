"""The volumes of a folder, each with a name of its own."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..errors import printable
from ..volumes.files.image_names import IMAGE_ENDINGS, bare_name

SUMMARY_FILE = "summary.csv"
"""The table in the output folder; no case may have its name."""


@dataclass(frozen=True)
class Case:
    """One volume: where it is, and the name of its result folder, relative to the output folder."""

    name: str
    path: Path


def is_image_file(name: str) -> bool:
    """Whether name is that of a NIfTI, NRRD or MetaImage volume; a .seg.nrrd file is a result, not a volume."""
    lower = name.lower()
    return lower.endswith(IMAGE_ENDINGS) and not lower.endswith((".seg.nrrd", ".seg.nhdr"))


def name_cases(paths: Iterable[Path], folder: Path) -> list[Case]:
    """Cases for paths below folder, sorted, with names that depend on the paths alone.

        a.nii.gz                    a
        sub-01/anat/T1w.nii.gz      sub-01/anat/T1w
        b.nii.gz and b.nrrd         b.nii.gz and b.nrrd

    Names differ also where upper and lower case are the same, as on many disks.
    """
    relative = {path: path.relative_to(folder) for path in sorted(set(paths))}
    levels = dict.fromkeys(relative, 0)
    while True:
        names = {path: _name(relative[path], levels[path]) for path in relative}
        counts = Counter([_key(SUMMARY_FILE), *map(_key, names.values())])
        taken = [path for path, name in names.items() if counts[_key(name)] > 1 or name.endswith("/") or not name]
        if not taken:
            return [Case(name, path) for path, name in names.items()]
        for path in taken:
            levels[path] += 1


def _name(relative: PurePath, level: int) -> str:
    """The path without its ending; with it; with a hash, of which there are not two."""
    full = printable(relative.as_posix())
    if level == 0:
        return bare_name(full).rstrip(" .")  # as Windows does
    return full if level == 1 else f"{full}-{hashlib.sha256(bytes(relative)).hexdigest()[: 8 * (level - 1)]}"


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
