"""What can go wrong with a pretraining run."""

from __future__ import annotations

from Med3DInsightLib.errors import UserError


class PretrainingError(UserError):
    """A run cannot start, or cannot go on; the message is one line."""
