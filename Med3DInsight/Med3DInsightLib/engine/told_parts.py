"""What a worker tells of a result before all of it is there."""

from __future__ import annotations

from ..captions import Caption
from .messages import Partial
from .payloads.codec import from_body
from .payloads.describing import AnswerPartBody, CaptionPartBody


def caption_told(partial: Partial) -> Caption:
    """The caption in a message of RemoteInsight.describe(); raises ValueError if there is none."""
    return from_body(CaptionPartBody, partial.body).caption()


def piece_told(partial: Partial) -> str:
    """The piece of text in a message of RemoteInsight.ask(); raises ValueError if there is none."""
    return from_body(AnswerPartBody, partial.body).text
