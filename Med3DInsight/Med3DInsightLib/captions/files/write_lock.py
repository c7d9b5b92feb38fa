"""One writer of a captions file at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...storage import sole_writer
from ..errors import CaptionError


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep other writers of path out, whose folder is made if needed; the empty lock file beside it stays.

    Raises CaptionError if there is another writer, or no file can be made beside it.
    """
    occupied = CaptionError("another job is writing to it", path, "wait for it, or choose another file")
    with sole_writer(path.with_name(f".{path.name}.lock"), occupied, lambda error: cannot_write(error, path)):
        yield


def cannot_write(error: OSError, path: Path) -> CaptionError:
    """What a failure to write means."""
    return CaptionError(f"cannot be written ({error.strerror})", path, "free some space or choose another file")
