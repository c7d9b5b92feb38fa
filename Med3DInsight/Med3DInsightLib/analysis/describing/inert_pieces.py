"""Pieces of an answer, made inert as they come."""

from __future__ import annotations

from collections.abc import Callable

from ...captions.inert_text import MOST_CHARACTERS, InertText


class InertPieces:
    r"""Tells pieces with line ends and harmful characters replaced, as InertText does it with the whole.

        pieces = InertPieces(print)
        pieces.hear("red \x1b[31m")

    What exceeds the limit of InertText is not told. A carriage return at the end of a piece waits for the next one,
    because a line feed that follows belongs to it.
    """

    def __init__(self, tell: Callable[[str], object], most_characters: int = MOST_CHARACTERS) -> None:
        self._tell = tell
        self._left = most_characters
        self._waiting = ""

    def hear(self, piece: str) -> None:
        """Tell what can be told of it."""
        text = self._waiting + piece
        self._waiting = "\r" if text.endswith("\r") else ""
        kept = text.removesuffix("\r")[: self._left]
        self._left -= len(kept)
        inert = InertText.of(kept).text
        if inert:
            self._tell(inert)
