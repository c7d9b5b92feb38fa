"""What came of requests for words about a volume; free of torch."""

from __future__ import annotations

from dataclasses import dataclass

from ...captions import Caption, CaptionSource
from ...volumes import Plane, SlicePlace


@dataclass(frozen=True)
class SliceWithoutText:
    """A slice that nobody described, and why, in one line."""

    plane: Plane
    index: int
    reason: str


@dataclass(frozen=True)
class DescribedSlices:
    """The captions of slices in the order in which they were asked for, and the slices without one."""

    captions: tuple[Caption, ...]
    missing: tuple[SliceWithoutText, ...] = ()


@dataclass(frozen=True)
class Answer:
    """An answer, who gave it, and the slices that it was shown, in their order.

    text is inert (see InertText): without control characters, but markup in it is text and has to be shown as that. It
    is not complete if a limit ended it.
    """

    text: str
    complete: bool
    source: CaptionSource
    shown: tuple[SlicePlace, ...]
