"""What can be wrong with a data set."""

from __future__ import annotations

from Med3DInsightLib.errors import UserError


class DatasetError(UserError):
    """A data set, or a case of it, cannot be used; the message is one line and names the file."""
