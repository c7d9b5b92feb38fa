"""What can go wrong with fine-tuning."""

from __future__ import annotations

from Med3DInsightLib.errors import UserError


class FineTuningError(UserError):
    """A run cannot start, or cannot go on; the message is one line."""
