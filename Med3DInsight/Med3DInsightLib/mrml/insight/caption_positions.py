"""The caption that belongs to the slice in view."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...captions.reviewing import ReviewedCaption
from ...volumes import Plane


def nearest_caption(
    reviewed: Iterable[ReviewedCaption], plane: Plane, position_mm: float, within_mm: float = math.inf
) -> ReviewedCaption | None:
    """The caption of a plane whose slice is nearest to a position along the normal (RAS mm), None if none is near.

    Of several about the same slice, an accepted one, else one that the user wrote or edited, else the one with
    the highest score, else the first.
    """
    near = [
        each for each in reviewed if each.own.plane == plane and abs(each.own.position_mm - position_mm) <= within_mm
    ]
    return min(near, key=lambda each: _rank(each, position_mm), default=None)


def _rank(reviewed: ReviewedCaption, position_mm: float) -> tuple[float, bool, float]:
    distance = round(abs(reviewed.own.position_mm - position_mm), 6)
    return distance, not reviewed.accepted, -reviewed.current.score
