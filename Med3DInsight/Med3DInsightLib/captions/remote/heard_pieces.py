"""Pieces of an answer that cannot be taken back."""

from __future__ import annotations

from ..backends.replying import Tell
from .outcome import NoAnswer, Outcome, TryAgain


class HeardPieces:
    """Passes pieces on and counts them: after the first of them, a failure is final.

    heard = HeardPieces(tell)
    outcome = heard.final(await server.ask(body, heard.hear))
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._characters = 0

    def hear(self, piece: str) -> None:
        """Pass a piece on."""
        self._characters += len(piece)
        self._tell(piece)

    def final(self, outcome: Outcome) -> Outcome:
        """The outcome; a failure after pieces is not tried again, since another answer could be another text."""
        if not self._characters or not isinstance(outcome, TryAgain | NoAnswer):
            return outcome
        return NoAnswer(f"{outcome.reason}; the {self._characters} characters that arrived are not the whole answer")
