"""What every backend does, whatever it looks at.

There are two kinds. One knows something about the slice itself: a label map, or a file of texts. It
implements Backend. The other looks at pictures and at nothing else: it implements PictureModel, and
PictureBackend makes a Backend of it, so that a program on another computer cannot be sent more than the
picture and its place.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ..pictures.picture import SlicePicture
from ..record import CaptionSource
from ..slices.subject import SubjectSlice
from ..window import Window
from .work_ahead import WorkAhead

_THREADS = 4


class Finish(StrEnum):
    """Whether a text is as its writer wanted it."""

    COMPLETE = "complete"
    LIMIT = "limit"
    """The writer was stopped by a limit of tokens or characters."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Description:
    """The text of a slice, exactly as it came; window is the one it was seen in, if it was seen at all.

    tokens_in and tokens_out are what it cost to read and to write, None where nobody counts.
    """

    of: SubjectSlice
    text: str
    finish: Finish = Finish.UNKNOWN
    tokens_in: int | None = None
    tokens_out: int | None = None
    window: Window | None = None


@dataclass(frozen=True, eq=False)
class Undescribed:
    """A slice that got no text, and why, in one line: it is not written to the file, and asked for again."""

    of: SubjectSlice
    reason: str


class Backend(Protocol):
    """Describes slices.

        for described in backend.describe(slices):
            match described:
                case Description(): ...
                case Undescribed(): ...

    source goes into every caption. describe() takes slices as it needs them, a batch or as many as may be
    in flight; so slices may be a generator that reads volumes one after the other. It yields one result
    for each, in any order, as soon as it has it. What befalls every slice, such as a missing model, is
    raised as a UserError; what befalls one is an Undescribed. close() of what it returns ends everything that
    is under way.
    """

    @property
    def source(self) -> CaptionSource:
        """Who writes these captions."""

    def describe(self, slices: Iterable[SubjectSlice]) -> Generator[Description | Undescribed, None, None]:
        """A result for every slice."""


@dataclass(frozen=True, eq=False)
class PictureAnswer:
    """What a model said to a picture."""

    picture: SlicePicture
    text: str
    finish: Finish = Finish.UNKNOWN
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass(frozen=True, eq=False)
class PictureUnanswered:
    """A picture to which a model gave no answer, and why, in one line."""

    picture: SlicePicture
    reason: str


class PictureModel(Protocol):
    """A multimodal language model with its prompt: pictures in, texts out.

    answer() follows the rules of Backend.describe(): it takes pictures as it needs them, and gives each
    one back with its answer. It knows of a picture what SlicePicture holds: pixels, plane, position,
    modality and window; the prompt was given to the constructor, and is named by source.
    """

    @property
    def source(self) -> CaptionSource:
        """Backend, model, revision and prompt."""

    def answer(self, pictures: Iterable[SlicePicture]) -> Iterator[PictureAnswer | PictureUnanswered]:
        """A result for every picture."""


class PictureBackend:
    """A backend that shows slices to a model as pictures.

    backend = PictureBackend(model)

    remark says what is special about the pictures, such as "defaced": it is told with the prompt, so that
    captions of other pictures of the same slice are not taken for these. Up to ahead pictures are drawn before
    the model takes them, in other threads, while it and the caller are busy.
    """

    def __init__(self, model: PictureModel, remark: str = "", ahead: int = 8) -> None:
        self._model = model
        self._remark = remark
        self._drawing = WorkAhead(SubjectSlice.picture, ahead, _THREADS)

    @property
    def source(self) -> CaptionSource:
        """That of the model, with the remark."""
        return self._model.source.remarked(self._remark)

    def describe(self, slices: Iterable[SubjectSlice]) -> Generator[Description | Undescribed, None, None]:
        """Shows each slice to the model; one that it says nothing about is Undescribed."""
        shown: dict[SlicePicture, SubjectSlice] = {}

        def pictures(drawn: Iterable[tuple[SubjectSlice, SlicePicture]]) -> Iterator[SlicePicture]:
            for each, picture in drawn:
                shown[picture] = each
                yield picture

        with closing(self._drawing.results(slices)) as drawn:
            for answer in self._model.answer(pictures(drawn)):
                of = shown.pop(answer.picture)
                if isinstance(answer, PictureUnanswered):
                    yield Undescribed(of, answer.reason)
                else:
                    window = answer.picture.window
                    yield Description(of, answer.text, answer.finish, answer.tokens_in, answer.tokens_out, window)
        yield from (Undescribed(of, "the model gave no answer") for of in shown.values())
