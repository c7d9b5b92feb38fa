"""One writer of a captions file at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import CaptionError


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep other writers of path out; the empty lock file beside it stays.

    Raises CaptionError if there is another writer, or no file can be made beside it.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CaptionError("another job is writing to it", path, "wait for it, or choose another file") from error
    except OSError as error:
        raise cannot_write(error, path) from error
    try:
        yield
    finally:
        lock.release()


def cannot_write(error: OSError, path: Path) -> CaptionError:
    """What a failure to write means."""
    return CaptionError(f"cannot be written ({error.strerror})", path, "free some space or choose another file")
