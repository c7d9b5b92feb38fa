"""The base of every error that is meant for the user, and texts that a terminal shows as they are."""

from __future__ import annotations

import unicodedata
from pathlib import Path

_BREAKS = {"Cc", "Zl", "Zp"}  # control characters, with which escape sequences begin, and separators of lines


class UserError(Exception):
    """Something the user can act on; the message is one line: file, cause, next step.

        raise VolumeError("has 4 dimensions (64x64x30x10)", path, "choose one time point")

    Front ends show str(error) as it is. Everything that is not a UserError is a defect of ours.
    """

    def __init__(self, cause: str, path: str | Path | None = None, next_step: str = "") -> None:
        message = f"{path}: {cause}" if path is not None else cause
        if next_step:
            message = f"{message.rstrip('.')}. {next_step[0].upper()}{next_step[1:].rstrip('.')}."
        super().__init__(" ".join(printable(message).split()))
        self.cause = cause
        self.path = path
        self.next_step = next_step


def printable(text: str) -> str:
    """A text from elsewhere as one line of valid text: without what breaks lines or commands a terminal.

    File systems allow line breaks, and bytes that are no text; cards and servers may hold anything.
    """
    valid = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(" " if unicodedata.category(character) in _BREAKS else character for character in valid)
