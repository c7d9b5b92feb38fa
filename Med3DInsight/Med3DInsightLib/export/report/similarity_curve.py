"""How well a phrase fits the slices of a plane, as a curve in SVG."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from ...analysis.slices.finding import PlaneSimilarity
from ..pages.inert_page import element
from ..pages.svg import line, svg, text
from .style import CURVE
from .words import along, place_words

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 190, 56, 14, 24, 36
_LABELS, _SMALLEST_RANGE = 4, 1e-6


Bounds = tuple[float, float]
"""The lowest and the highest value of an axis."""


def similarity_curve(plane: PlaneSimilarity, phrase: str, bounds: Bounds) -> Element:
    """The similarity of every slice over its position in mm along the normal, and a dot at the best one.

    bounds are of the similarities; the same ones for all planes of a phrase let curves be compared.
    """
    positions = np.array([place.offset_ras_mm for place in plane.places])
    values = plane.similarities.astype(np.float64)
    ends = float(positions.min()), float(positions.max())
    x = _scaled(positions, ends, _LEFT, _WIDTH - _RIGHT)
    y = _scaled(values, bounds, _HEIGHT - _BOTTOM, _TOP)
    order, best = np.argsort(positions, kind="stable"), int(values.argmax())
    points = " ".join(f"{x[n]:.1f},{y[n]:.1f}" for n in order)
    drawn = [
        *_similarities(bounds),
        *_positions(ends),
        element("polyline", points=points, class_="curve", fill="none", stroke=CURVE),
        element("circle", cx=f"{x[best]:.1f}", cy=f"{y[best]:.1f}", r="4", class_="best", fill=CURVE),
        text(_LEFT, 14, f"{plane.plane}: similarity over {along(plane.plane)} in mm", "start"),
    ]
    label = (
        f"Similarity of the {len(values)} {plane.plane} slices to the phrase {phrase}: from {values.min():.3f} to "
        f"{values.max():.3f}, highest at {place_words(plane.best)}"
    )
    return svg(_WIDTH, _HEIGHT, *drawn, label=label)


def _similarities(bounds: Bounds) -> Iterator[Element]:
    values = _labelled(bounds)
    for value, y in zip(values, _scaled(values, bounds, _HEIGHT - _BOTTOM, _TOP), strict=True):
        yield line(_LEFT, y, _WIDTH - _RIGHT, y, "grid")
        yield text(_LEFT - 6, y + 4, f"{value:.3f}", "end")


def _positions(ends: Bounds) -> Iterator[Element]:
    values = _labelled(ends)
    for value, x in zip(values, _scaled(values, ends, _LEFT, _WIDTH - _RIGHT), strict=True):
        yield text(x, _HEIGHT - _BOTTOM + 18, f"{value:.0f}", "middle")


def _labelled(bounds: Bounds) -> NDArray[np.float64]:
    """Values that an axis names; one where there is only one."""
    return np.linspace(*bounds, _LABELS if bounds[1] - bounds[0] > _SMALLEST_RANGE else 1)


def _scaled(values: NDArray[np.float64], bounds: Bounds, start: float, end: float) -> NDArray[np.float64]:
    """Values brought to lie between start, for the lowest, and end; in the middle if all are the same."""
    low, high = bounds
    if high - low <= _SMALLEST_RANGE:
        return np.full(len(values), (start + end) / 2)
    return np.asarray(start + (values - low) / (high - low) * (end - start))
