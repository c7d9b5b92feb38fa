"""What goes wrong with volumes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import UserError


class VolumeError(UserError):
    """A volume cannot be read, used or written."""


@contextmanager
def errors_naming(path: Path) -> Iterator[None]:
    """Put the path into a VolumeError that is raised without one."""
    try:
        yield
    except VolumeError as error:
        if error.path is not None:
            raise
        raise VolumeError(error.cause, path, error.next_step) from error
