"""Reading bundles from folders that others have written, such as a USB drive."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..bundles import BundleError
from .entry import BundleFile, ModelFile
from .errors import FetchError
from .transfer import TransferTracker

_PIECE_BYTES = 1 << 20


class BundleFolder:
    """The files of a bundle in a folder; links are not followed, and nothing but files is read.

    BundleFolder(Path("/media/usb/liver")).bring(file, store_path, tracker)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def refuse_strangers(self) -> None:
        """Raise BundleError if the folder holds anything but the files of a bundle, or cannot be read."""
        try:
            entries = sorted(os.scandir(self.folder), key=lambda entry: entry.name)
        except OSError as error:
            raise BundleError(
                f"the folder cannot be read ({error.strerror or error})", self.folder, "check the path"
            ) from error
        for entry in entries:
            if entry.is_symlink():
                raise BundleError("is a link, and a bundle holds files only", entry.path, "copy the file itself")
            if entry.name not in list(BundleFile) or not entry.is_file(follow_symlinks=False):
                allowed = ", ".join(BundleFile)
                raise BundleError("does not belong into a bundle", entry.path, f"remove it; a bundle holds {allowed}")

    def bring(self, file: ModelFile, target: Path, tracker: TransferTracker) -> None:
        """Copy a file, without its permissions; raises FetchError if it cannot be read or has another size."""
        path = self.folder / file.name
        with _regular_file(path) as stream, open(target, "wb") as copy:
            size = os.fstat(stream.fileno()).st_size
            if size != file.size_bytes:
                raise FetchError(
                    f"the file has {size} bytes, the catalogue says {file.size_bytes}",
                    path,
                    "copy it there again, or correct the catalogue",
                )
            tracker.enter("copying")
            while piece := _read(stream, path):
                copy.write(piece)
                tracker.move(len(piece))


@contextmanager
def _regular_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is no link, pipe or device, opened for reading."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_symlink():
        raise FetchError("is a link, and a bundle holds files only", path, "copy the file itself")
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        cause = f"cannot be read ({error.strerror or error})"
        raise FetchError(cause, path, "check that the drive is there, or the catalogue") from error
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FetchError("is not a file", path, "copy the file itself")
        yield stream


def _read(stream: BinaryIO, path: Path) -> bytes:
    try:
        return stream.read(_PIECE_BYTES)
    except OSError as error:
        raise FetchError(f"cannot be read ({error.strerror or error})", path, "check the drive") from error
