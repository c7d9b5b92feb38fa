"""Texts from elsewhere, made harmless without losing sight of what was changed."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_CHARACTERS = 8_000
"""The default limit of a caption; a page of text has about 3,000."""

# Control characters of ASCII and Latin-1 except tab and line feed, directions that reorder what is read,
# line separators, half surrogates, which UTF-8 cannot hold, code points that are not characters, and tags,
# which are letters that nobody sees.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_INSTEAD = "\ufffd"
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029")


@dataclass(frozen=True)
class InertText:
    r"""A text that can be stored, printed and shown as it is, and what it took to make it so.

        InertText.of("red \x1b[31mkidney").text          # 'red \ufffd[31mkidney'
        InertText.of(answer).dropped_characters          # 9992000 of an answer of 10 MB

    Markup, JSON and instructions to other programs stay what they are: text, which nobody interprets.
    replaced_characters counts control characters and the like, each now U+FFFD.
    """

    text: str
    replaced_characters: int
    dropped_characters: int

    @classmethod
    def of(cls, text: str, most_characters: int = MOST_CHARACTERS) -> InertText:
        """Line ends become line feeds, harmful characters U+FFFD, and what exceeds the limit is left out."""
        kept = text[:most_characters]
        if kept.endswith("\r") and text[most_characters : most_characters + 1] == "\n":
            kept = kept[:-1]
        clean, replaced = _HARMFUL.subn(_INSTEAD, _LINE_ENDS.sub("\n", kept))
        return cls(clean, replaced, len(text) - len(kept))


def is_inert(text: str) -> bool:
    """Whether there is nothing in text that InertText would replace."""
    return _HARMFUL.search(text) is None
