"""The files that an image is read from, and whether they are still the same."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ...storage import sha256_of_file

_DETACHED = (".mhd", ".nhdr")
# MetaImage writes "ElementDataFile = head.raw", NRRD "data file: head.raw".
_VOXEL_FILE = re.compile(rb"^(?:ElementDataFile\s*=|data ?file:)\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_HEADER_BYTES = 1 << 16


@dataclass(frozen=True)
class Fingerprint:
    """Name, size and SHA-256 of what an image is read from.

        Fingerprint.of(Path("head.nii.gz")).sha256      # what sha256sum prints
        Fingerprint.of(Path("dicom/series3")).file      # "series3"

    Where an image has several files (a DICOM series, a header with its voxels in another file), sizes
    are added up and the hash is that of the lines that sha256sum would print for the files.

    Times are left out: copying changes them, and some tools keep them when they change the content.
    """

    file: str
    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Fingerprint:
        """The fingerprint of an image file, or of a folder with one DICOM series; raises OSError."""
        files = source_files(path)
        hashes = {file.name: sha256_of_file(file) for file in files}
        size = sum(file.stat().st_size for file in files)
        if files == [path]:
            return cls(path.name, size, hashes[path.name])
        lines = "".join(f"{sha256}  {name}\n" for name, sha256 in hashes.items())
        return cls(path.name, size, hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest())


def source_files(path: Path) -> list[Path]:
    """The files that reading path needs, sorted by name; raises OSError.

    For a folder these are all files in it, except hidden ones, which file managers leave. So they are for
    a header that names its voxel files by a pattern or a list.
    """
    if path.is_dir():
        return _all_in(path)
    if path.suffix.lower() not in _DETACHED:
        return [path]
    with open(path, "rb") as stream:
        found = _VOXEL_FILE.search(stream.read(_HEADER_BYTES))
    name = found.group(1).decode("utf-8", "surrogateescape") if found else "LOCAL"
    if name.upper() == "LOCAL":  # the voxels follow the header
        return [path]
    voxels = path.parent / name
    return sorted({path, voxels}) if voxels.is_file() else sorted({path, *_all_in(path.parent)})


def _all_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
