"""Texts that are no descriptions: refusals, empty, cut off, going round in circles. The rules know English."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")

_CANNOT = r"\b(?:can(?:no|')?t|can not|unable to|not able to|not (?:allowed|permitted) to|won't)\s+(?:directly\s+)?"
_PICTURE = (
    r"(?:(?:the|this|that|these|your|any|medical|actual|attached|uploaded|provided)\s+)*"
    r"(?:images?|pictures?|scans?|slices?|photos?|files?|attachments?)"
)
_REFUSALS = re.compile(
    "|".join(
        (
            r"\bas an? (?:ai|artificial|language|text)\b",
            r"\bi(?:'m| am) (?:sorry|afraid)\b",
            r"\b(?:sorry|apologi[sz]e),? (?:but )?i\b",
            rf"{_CANNOT}(?:assist|help|comply|fulfil+|answer|do that)",
            rf"{_CANNOT}(?:provide|offer|give)\s+(?:an?\s+|any\s+)?(?:medical\s+)?"
            r"(?:diagnos\w+|interpretation|advice|analysis|description)",
            rf"{_CANNOT}(?:view|see|open|access|process|read|display|interpret|analy[sz]e|describe|evaluate)\s+{_PICTURE}",
            r"\bno (?:image|picture|scan|file) (?:is |was |has been )?(?:provided|attached|uploaded|given|supplied)",
            r"\bplease (?:provide|upload|attach|share|send)\b",
        )
    )
)
_REFUSAL_WITHIN = 250

_ENDS_A_SENTENCE = re.compile(r"[.!?:;][\"')\]}*_`]*$|[}\])`]$")
_SENTENCES = re.compile(r"[.!?][\"')\]]*(?:\s|$)")
_LIST_ITEM = re.compile(r"\s*(?:[-*•#|]|\d+[.)])\s*\S|[^.!?]{1,40}:\s")
_HANGING = re.compile(
    r"(?:\b(?:the|a|an|of|and|or|with|in|on|at|to|from|by|is|are|was|were|that|which|as|for|both|no|its|their|"
    r"has|have|this|these|between|into|without|near|than|left and|right and)|[,(\[{/&-])$",
    re.IGNORECASE,
)
_CHARACTER_RUN = re.compile(r"([^\s_=*.#|-])\1{14,}|([^\s_=*.#|-]\S{1,7}?)\2{9,}")
_SPLIT_SENTENCES = re.compile(r"[.!?\n]+")
_GRAM = 4


def words_of(text: str) -> list[str]:
    """The words and numbers of a text, in lower case."""
    return _WORD.findall(text.lower())


def is_empty(text: str, fewest_words: int) -> bool:
    """Whether the text has fewer words than a description can have."""
    return len(words_of(text)) < fewest_words


def is_refusal(text: str) -> bool:
    """Whether the text begins by saying that its writer will not or cannot look at the picture.

    A description that ends with the advice to ask a radiologist is none, nor is one that says that an
    organ cannot be seen.
    """
    return _REFUSALS.search(text[:_REFUSAL_WITHIN].lower().replace("’", "'")) is not None


def is_cut_off(text: str) -> bool:
    """Whether the text stops in the middle.

    That is after a word that cannot end a sentence, within brackets or JSON, or without a full stop where
    it had them before. A single line without one is a caption all the same.
    """
    stripped = text.rstrip()
    if not stripped:
        return False
    if _HANGING.search(stripped) or _open_brackets(stripped):
        return True
    last_line = stripped.splitlines()[-1]
    if _ENDS_A_SENTENCE.search(stripped) or _LIST_ITEM.match(last_line):
        return False
    return len(_SENTENCES.findall(stripped)) >= 2


def repeated_share(text: str) -> float:
    """How much of a text says again what it said before: the share of its four-word sequences that are repeats.

    1 if a sentence comes three times in a row, or characters are repeated without end.
    """
    if _CHARACTER_RUN.search(text):
        return 1.0
    sentences = [part for part in (" ".join(words_of(each)) for each in _SPLIT_SENTENCES.split(text)) if part]
    if any(
        first == second == third for first, second, third in zip(sentences, sentences[1:], sentences[2:], strict=False)
    ):
        return 1.0
    words = words_of(text)
    grams = Counter(zip(*(words[start:] for start in range(_GRAM)), strict=False))
    total = grams.total()
    return 1.0 - len(grams) / total if total else 0.0


def _open_brackets(text: str) -> bool:
    return any(text.count(opening) > text.count(closing) for opening, closing in ("()", "[]", "{}"))
