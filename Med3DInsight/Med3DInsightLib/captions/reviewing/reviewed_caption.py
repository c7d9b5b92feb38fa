"""A caption and what the user made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ...volumes import SlicePlace
from ..errors import CaptionError
from ..inert_text import InertText
from ..record import FORMAT_VERSION, Caption, CaptionSource

EDITED_BACKEND = "user-edited"
"""The backend of a text that a user made of a model's text; its model tells whose text that was."""

WRITTEN_BACKEND = "user-written"
"""The backend of a text that a user wrote."""


class Origin(StrEnum):
    """Who is answerable for the text that is shown."""

    MODEL = "model text"
    EDITED = "edited by the user"
    WRITTEN = "written by the user"


@dataclass(frozen=True)
class ReviewedCaption:
    """One caption with the text that counts now, and whether the user accepted it.

        reviewed = ReviewedCaption.of(caption).edited("The liver, without the spleen.")
        reviewed.origin                  # Origin.EDITED
        reviewed.own.text                # what the model said

    own is what its source said and never changes with an edit, except for texts that the user wrote.
    """

    own: Caption
    text: str
    accepted: bool = False

    @classmethod
    def of(cls, caption: Caption, accepted: bool = False) -> ReviewedCaption:
        """A caption as its source left it."""
        return cls(caption, caption.text, accepted)

    @property
    def origin(self) -> Origin:
        """Who wrote text; an edit that was taken back is the model's text again."""
        if self.own.backend == WRITTEN_BACKEND:
            return Origin.WRITTEN
        return Origin.EDITED if self.own.backend == EDITED_BACKEND or self.text != self.own.text else Origin.MODEL

    @property
    def current(self) -> Caption:
        """The text that counts, as a line of a captions file.

        A changed text is a caption of another source than the model's, so that both can be in one file.
        """
        if self.text == self.own.text:
            return self.own
        source = edited_source(self.own.source)
        return replace(_by_user(self.own, self.text), backend=source.backend, model=source.model)

    @property
    def for_training(self) -> Caption:
        """The current caption with score 1, since a person vouches for it; what the rules noticed stays in flags."""
        return replace(self.current, score=1.0)

    def edited(self, text: str) -> ReviewedCaption:
        """With another text, made inert; raises CaptionError for one without words, which says nothing of a slice."""
        inert = InertText.of(text.strip()).text
        if not inert:
            raise CaptionError("the caption would be empty", next_step="write a text, or remove the row")
        if self.own.backend in (EDITED_BACKEND, WRITTEN_BACKEND):
            return replace(self, own=_by_user(self.own, inert), text=inert)
        return replace(self, text=inert)


def edited_source(source: CaptionSource) -> CaptionSource:
    """The source of texts that a user makes of those of source."""
    return replace(source, backend=EDITED_BACKEND, model=f"{source.backend}: {source.model}")


def written_by_user(volume_id: str, volume_hash: str, place: SlicePlace, text: str) -> ReviewedCaption:
    """A text that the user wrote about a slice; it is accepted, since nobody else proposed it.

    Raises CaptionError for a text without words, ValueError for an oblique plane.
    """
    blank = Caption(
        format_version=FORMAT_VERSION,
        volume_id=InertText.of(volume_id).text,
        volume_hash=volume_hash,
        plane=place.plane,
        index=place.index,
        position_mm=place.offset_ras_mm,
        text="",
        backend=WRITTEN_BACKEND,
        model="",
        model_revision="",
        prompt="",
        score=1.0,
        flags=(),
        window=None,
    )
    return ReviewedCaption.of(blank, accepted=True).edited(text)


def _by_user(caption: Caption, text: str) -> Caption:
    """The same slice in the words of the user; what was found out about the former words does not hold for them."""
    return replace(caption, text=text, score=1.0, flags=(), tokens_in=None, tokens_out=None, dropped_characters=0)
