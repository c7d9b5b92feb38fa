"""What can go wrong with captions."""

from __future__ import annotations

from ..errors import UserError


class CaptionError(UserError):
    """A captions file, a label map or a file of texts cannot be used; the message is one line."""
