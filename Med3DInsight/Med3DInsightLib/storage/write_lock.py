"""One writer at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import UserError


@contextmanager
def sole_writer(
    lock_file: Path, occupied: UserError, unwritable: Callable[[OSError], UserError], wait_seconds: float = 0.0
) -> Iterator[None]:
    """Keep out everybody else who asks for the same lock file; a killed process lets go of it by itself.

        with sole_writer(folder / ".lock", CaptionError("another job is writing", folder), cannot_write):
            ...

    The folder of the file is made if needed. The empty file by which processes know of each other stays, because
    removing it could let two of them in.

    Raises occupied if another one has the lock and keeps it for wait_seconds, and what unwritable makes of an error of
    the operating system if the file cannot be made; errors of the block are passed on.
    """
    lock = FileLock(lock_file)
    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise occupied from error
    except OSError as error:
        raise unwritable(error) from error
    try:
        yield
    finally:
        lock.release()
