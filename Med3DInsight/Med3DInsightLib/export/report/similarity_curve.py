"""How well a phrase fits the slices of a plane, as a curve in SVG."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from ...analysis.slices.finding import PlaneSimilarity
from ..pages.inert_page import element
from ..pages.svg import line, svg, text
from .style import CURVE
from .words import along, place_words

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 190, 56, 14, 24, 36
_LABELS, _SMALLEST_RANGE = 4, 1e-6


def similarity_curve(plane: PlaneSimilarity, phrase: str) -> Element:
    """The similarity of every slice over its position in mm along the normal, and a dot at the best one."""
    positions = np.array([place.offset_ras_mm for place in plane.places])
    values = plane.similarities.astype(np.float64)
    x = _scaled(positions, _LEFT, _WIDTH - _RIGHT)
    y = _scaled(values, _HEIGHT - _BOTTOM, _TOP)
    order, best = np.argsort(positions, kind="stable"), int(values.argmax())
    points = " ".join(f"{x[n]:.1f},{y[n]:.1f}" for n in order)
    drawn = [
        *_axis(float(values.min()), float(values.max()), upright=True),
        *_axis(float(positions.min()), float(positions.max()), upright=False),
        element("polyline", points=points, class_="curve", fill="none", stroke=CURVE),
        element("circle", cx=f"{x[best]:.1f}", cy=f"{y[best]:.1f}", r="4", class_="best", fill=CURVE),
        text(_LEFT, 14, f"{plane.plane}: similarity over {along(plane.plane)} in mm", "start"),
    ]
    label = (
        f"Similarity of the {len(values)} {plane.plane} slices to the phrase {phrase}: from {values.min():.3f} to "
        f"{values.max():.3f}, highest at {place_words(plane.best)}"
    )
    return svg(_WIDTH, _HEIGHT, *drawn, label=label)


def _axis(low: float, high: float, upright: bool) -> list[Element]:
    drawn: list[Element] = []
    values = np.linspace(low, high, _LABELS) if high - low > _SMALLEST_RANGE else np.array([low])
    if upright:
        for value, y in zip(values, _scaled(values, _HEIGHT - _BOTTOM, _TOP), strict=True):
            drawn += [line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"), text(_LEFT - 6, y + 4, f"{value:.3f}", "end")]
    else:
        for value, x in zip(values, _scaled(values, _LEFT, _WIDTH - _RIGHT), strict=True):
            drawn.append(text(x, _HEIGHT - _BOTTOM + 18, f"{value:.0f}", "middle"))
    return drawn


def _scaled(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """Values brought to lie between start, for the lowest, and end; in the middle if all are the same."""
    low, high = float(values.min()), float(values.max())
    if high - low <= _SMALLEST_RANGE:
        return np.full(len(values), (start + end) / 2)
    return np.asarray(start + (values - low) / (high - low) * (end - start))
