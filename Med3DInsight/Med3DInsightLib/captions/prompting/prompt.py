"""One prompt, told where a picture was taken."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..errors import CaptionError
from ..inert_text import InertText
from ..pictures.picture import SlicePicture
from .picture_words import OF_ONE_PICTURE, words_about

_PLACEHOLDERS = {"modality", "question", "pictures", *OF_ONE_PICTURE}
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MOST_CHARACTERS = 20_000


class AnswerForm(StrEnum):
    """What a prompt asks for."""

    TEXT = "text"
    JSON = "json"
    """One object, which StructuredAnswer reads."""


@dataclass(frozen=True)
class Prompt:
    """What a model is asked about pictures, with an id and a version that captions remember.

        prompt = ShippedPrompts().find("plain")             # or read_prompt(Path("own.toml"))
        prompt.text_for(picture)                            # 'This picture is one axial slice of a CT ...'
        prompt.name                                         # 'plain v1 4f2c8a91'
        ShippedPrompts().find("question").asking("Is there free fluid?")
        ShippedPrompts().find("slices").asking("Is there free fluid?").text_about(pictures)

    template holds $modality, $plane, $position_mm, $towards, $sides, $pictures and $question where they are wanted.
    Of a picture, these words and numbers are all that it can tell. The position is the one of
    SlicePlace.offset_ras_mm: mm along the normal of the plane, which $towards names (RAS). $pictures is a line with
    number, plane, index, position and sides for each picture.

    Raises CaptionError for an id, a version, a template or a question that cannot be.
    """

    id: str
    version: int
    template: str
    title: str = ""
    answer: AnswerForm = AnswerForm.TEXT
    question: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise CaptionError(f"the prompt id '{self.id[:80]}' is not made of small letters, digits, '.', '_' and '-'")
        if self.version < 1:
            raise CaptionError(f"the version of the prompt '{self.id}' is {self.version}", next_step="begin with 1")
        if not self.template.strip():
            raise CaptionError(f"the prompt '{self.id}' has no text")
        if len(self.template) + len(self.question) > _MOST_CHARACTERS:
            raise CaptionError(f"the prompt '{self.id}' is longer than {_MOST_CHARACTERS} characters")
        template = string.Template(self.template)
        if not template.is_valid():
            raise CaptionError(f"the prompt '{self.id}' has a stray '$'", next_step="write $$ for the character")
        unknown = sorted(set(template.get_identifiers()) - _PLACEHOLDERS)
        if unknown:
            known = ", ".join(f"${name}" for name in sorted(_PLACEHOLDERS))
            raise CaptionError(f"the prompt '{self.id}' has an unknown ${unknown[0]}", next_step=f"use {known}")

    @property
    def asks_a_question(self) -> bool:
        """Whether it has a place for the user's question."""
        return "question" in string.Template(self.template).get_identifiers()

    @property
    def name(self) -> str:
        """What captions remember: id, version, eight digits of the text's SHA-256, and the question.

        The digits tell two prompts of one id and version apart, so that a text changed in between is not
        taken for the one that an earlier run asked with.
        """
        digest = hashlib.sha256(self.template.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"{self.id} v{self.version} {digest}" + (f": {self.question}" if self.question else "")

    def asking(self, question: str) -> Prompt:
        """The same prompt with a question; raises CaptionError if it has no place for one, or it is empty."""
        asked = " ".join(InertText.of(question).text.split())
        if not self.asks_a_question:
            raise CaptionError(f"the prompt '{self.id}' has no $question", next_step="choose the prompt 'question'")
        if not asked:
            raise CaptionError("the question is empty")
        return Prompt(self.id, self.version, self.template, self.title, self.answer, asked)

    def check_question(self) -> None:
        """Raises CaptionError if the prompt has a place for a question, and none was given."""
        if self.asks_a_question and not self.question:
            raise CaptionError(f"the prompt '{self.id}' needs a question", next_step="give one")

    def text_for(self, picture: SlicePicture) -> str:
        """What the model is asked about picture; raises CaptionError if the question is still missing."""
        return self.text_about([picture])

    def text_about(self, pictures: Sequence[SlicePicture]) -> str:
        """What the model is asked about pictures of one volume that it sees together.

        Raises CaptionError if the question is still missing, if there are several pictures and the template is about
        one, or if there is none.
        """
        self.check_question()
        if not pictures:
            raise CaptionError("there is no slice to show to the model", next_step="choose one")
        names = set(string.Template(self.template).get_identifiers())
        if len(pictures) > 1 and names & OF_ONE_PICTURE:
            raise CaptionError(
                f"the prompt '{self.id}' is about one picture, not {len(pictures)}",
                next_step="choose the prompt 'slices', or one slice",
            )
        words = {**words_about(pictures), "question": self.question}
        return string.Template(self.template).substitute(words).strip()
