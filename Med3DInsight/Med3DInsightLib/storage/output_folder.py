"""One run at a time in an output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import OutputError, output_error
from .write_lock import sole_writer

_LOCK = ".run.lock"


@contextmanager
def sole_run(output: Path) -> Iterator[None]:
    """Keep other runs out of output, which is made if needed; a killed process lets go of it by itself.

    Raises OutputError if another run is writing there, or nobody can.
    """
    occupied = OutputError("another run is writing into this folder", output, "wait for it, or choose another folder")
    with sole_writer(output / _LOCK, occupied, lambda error: output_error(error, output)):
        yield
