"""Models that are shown several pictures at once and tell their answer as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..pictures.picture import SlicePicture
from ..record import CaptionSource
from .backend import Finish

Tell = Callable[[str], object]
"""What is told each piece of an answer, exactly as it came."""

CheckStop = Callable[[], object]
"""What is called again and again while a model works; to end that, it raises something."""


def go_on() -> None:
    """A CheckStop that never ends anything."""


@dataclass(frozen=True)
class Reply:
    """A whole answer, exactly as it came, whether its writer ended it, and its tokens where somebody counts them."""

    text: str
    finish: Finish = Finish.UNKNOWN
    tokens_in: int | None = None
    tokens_out: int | None = None


class ReplyingModel(Protocol):
    """A multimodal language model with a prompt about several pictures.

        model.reply([first, second], lambda piece: print(piece, end=""))

    reply() raises a UserError if there is no whole answer; what was told until then is not one. tell is called in the
    thread of the caller.
    """

    @property
    def source(self) -> CaptionSource:
        """Backend, model, revision and prompt."""

    def reply(self, pictures: Sequence[SlicePicture], tell: Tell) -> Reply:
        """The answer to the prompt, about all pictures together."""
