"""Files that are there completely or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears, on the disk, when it is complete; its folder is made if needed. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(content)


@contextmanager
def whole_file(path: Path, alone: bool = False) -> Iterator[Path]:
    """Where to write what becomes path, in one step and on the disk, when the block ends.

        with whole_file(Path("labels.nii.gz")) as unfinished:
            write_volume(labels, unfinished)        # .partial-....labels.nii.gz

    It is a file in the same folder with the same ending. If the block raises, it is removed and path is what it was.
    alone says that no other process writes path meanwhile; then what a killed one has left is written over.

    Raises OSError if that is not possible.
    """
    unfinished = path.with_name(f".partial-{path.name}" if alone else f".partial-{uuid.uuid4().hex}-{path.name}")
    try:
        yield unfinished
        sync(unfinished)
        unfinished.replace(path)
    finally:
        with suppress(OSError):  # it has its final name, or was never made
            unfinished.unlink()


def sync(path: Path) -> None:
    """Wait until a file is on the disk; raises OSError."""
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())
