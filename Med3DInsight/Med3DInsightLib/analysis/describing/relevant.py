"""Slices that are worth showing with a question."""

from __future__ import annotations

from ...volumes import SlicePlace
from ..slices.finding import FindResult


def most_relevant(found: FindResult, count: int, apart_mm: float) -> tuple[SlicePlace, ...]:
    """The slices of all planes that fit best, at most count, the best first.

    Slices of a plane that are closer than apart_mm to a better one come only when there are not enough others. Of
    equal ones, the first in the order of planes and indices is better.
    """
    ranked = [
        place
        for similarity, place in sorted(
            (
                (float(similarity), place)
                for plane in found.planes
                for similarity, place in zip(plane.similarities, plane.places, strict=True)
            ),
            key=lambda each: -each[0],
        )
    ]
    chosen: list[SlicePlace] = []
    for place in ranked:
        if len(chosen) < count and not any(_is_close(place, other, apart_mm) for other in chosen):
            chosen.append(place)
    others = [place for place in ranked if place not in chosen]
    return (*chosen, *others[: count - len(chosen)])


def _is_close(first: SlicePlace, second: SlicePlace, apart_mm: float) -> bool:
    return first.plane == second.plane and abs(first.offset_ras_mm - second.offset_ras_mm) < apart_mm
