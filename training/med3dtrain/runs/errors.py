"""What can go wrong with the folder of a run."""

from __future__ import annotations

from Med3DInsightLib.errors import UserError


class RunError(UserError):
    """A run cannot use its folder; the message is one line."""
