"""What can go wrong with a loop."""

from __future__ import annotations

from Med3DInsightLib.errors import UserError


class TrainingError(UserError):
    """A loop cannot go on; the message is one line."""
