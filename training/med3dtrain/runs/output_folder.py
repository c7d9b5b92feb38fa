"""One run at a time in an output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import RunError

_LOCK = ".run.lock"


@contextmanager
def sole_run(output: Path) -> Iterator[None]:
    """Keep other runs out of output, which is made if needed; a killed process lets go of it by itself.

    Raises RunError if another run is writing there, or nobody can.
    """
    lock = FileLock(output / _LOCK)
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RunError(
            "another run is writing into this folder", output, "wait for it, or choose another folder"
        ) from error
    except OSError as error:
        raise RunError(f"the folder cannot be written ({error.strerror})", output, "choose another folder") from error
    try:
        yield
    finally:
        lock.release()
