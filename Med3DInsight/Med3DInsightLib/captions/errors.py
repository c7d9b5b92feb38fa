"""What can go wrong with captions."""

from __future__ import annotations

from ..errors import UserError


class CaptionError(UserError):
    """A captions file, a label map or a file of texts cannot be used; the message is one line."""


class UploadNotAllowed(CaptionError):
    """Pictures would be sent to a host that the user has not named for that.

    next_step tells how to name it where that is known, such as the option of a command.
    """

    def __init__(self, host: str, next_step: str = "") -> None:
        allow = f"allow it if slices of these volumes may leave this computer for {host}"
        super().__init__(f"pictures would be sent to {host}, and that was not allowed", next_step=next_step or allow)
        self.host = host
