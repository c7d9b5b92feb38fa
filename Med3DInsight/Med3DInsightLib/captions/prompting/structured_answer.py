"""Answers that were asked for as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..inert_text import InertText

_MOST_ENTRIES = 200
_MOST_CHARACTERS = 2_000
_MOST_STARTS = 50
"""How many opening braces are tried; an answer made of braces would take for ever otherwise."""


@dataclass(frozen=True)
class StructuredAnswer:
    """What an answer to a prompt of the form JSON says, entry by entry.

        answer = StructuredAnswer.of(caption.text)
        answer.structures               # ('liver', 'spleen')
        answer.as_text()                # 'Axial CT slice. It shows liver and spleen. ...'

    The captions file keeps the answer as it came; this reads it. All texts are inert (see InertText), and
    what is of another type than was asked for is left out.
    """

    modality: str = ""
    plane: str = ""
    structures: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    image_quality: str = ""

    @classmethod
    def of(cls, text: str) -> StructuredAnswer | None:
        """The first JSON object in text with one of the entries, None if there is none.

        Models put words or code fences around it.
        """
        decoder = json.JSONDecoder()
        start = text.find("{")
        for _ in range(_MOST_STARTS):
            if start < 0:
                return None
            try:
                found, _ = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                found = None
            if isinstance(found, dict) and found.keys() & cls.__dataclass_fields__.keys():
                return cls(
                    modality=_text(found.get("modality")),
                    plane=_text(found.get("plane")),
                    structures=_texts(found.get("structures")),
                    findings=_texts(found.get("findings")),
                    image_quality=_text(found.get("image_quality")),
                )
            start = text.find("{", start + 1)
        return None

    def as_text(self) -> str:
        """The same in sentences, for a text encoder that was trained on sentences."""
        kind = " ".join(part for part in (self.plane, self.modality) if part)
        sentences = [f"{kind[:1].upper()}{kind[1:]} slice" if kind else ""]
        sentences.append(f"It shows {_list_of(self.structures)}" if self.structures else "")
        sentences += [f"{finding[:1].upper()}{finding[1:]}" for finding in self.findings]
        sentences.append(f"Image quality: {self.image_quality}" if self.image_quality else "")
        return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence)


def _text(value: Any) -> str:
    return " ".join(InertText.of(value, _MOST_CHARACTERS).text.split()) if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    """A list of texts; a single text counts as a list of one, as some models write it."""
    entries = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(text for text in map(_text, entries[:_MOST_ENTRIES]) if text)


def _list_of(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
