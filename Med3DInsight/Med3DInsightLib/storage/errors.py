"""What can go wrong where results are written."""

from __future__ import annotations

import errno
from pathlib import Path

from ..errors import UserError


class OutputError(UserError):
    """Results cannot be written where the user wants them."""


def output_error(error: OSError, folder: Path) -> OutputError:
    """What an error of the operating system means for results in folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return OutputError("the disk is full", folder, "free some space or choose another folder")
    return OutputError(
        f"the output folder cannot be written ({error.strerror or error})", folder, "choose another folder"
    )
