"""What can go wrong with an evaluation."""

from __future__ import annotations

from Med3DInsightLib.errors import UserError


class EvaluationError(UserError):
    """An evaluation cannot start, or a case cannot be used; the message is one line."""
