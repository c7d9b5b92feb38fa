"""Names that came from elsewhere, in a terminal."""

from __future__ import annotations

from Med3DInsightLib.captions.inert_text import InertText
from Med3DInsightLib.errors import printable


def one_line(text: str) -> str:
    """The text as one line that a terminal shows as it is, whatever files, structures and classes are called."""
    return printable(InertText.of(text).text)
