"""Every case as a dot, structures below each other, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np
from matplotlib.ticker import MaxNLocator

from Med3DInsightLib.export.pages.inert_page import element
from Med3DInsightLib.export.pages.svg import line, svg, text

from ..intervals import Interval

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP, _BOTTOM = 780, 210, 20, 34, 8, 34
_JITTER = (0, 4, -4, 7, -7, 2, -2)
_TICKS = 5


@dataclass(frozen=True)
class Strip:
    """One row: its name, the value of every case with the name of the case, the mean, and a colour (#rrggbb)."""

    name: str
    values: tuple[tuple[str, float], ...]
    mean: Interval | None
    color: str


def strip_plot(strips: Sequence[Strip], unit: str, bounds: tuple[float, float] | None = None) -> Element:
    """Dots, a box from the first to the third quartile with the median, and the mean with its interval.

    bounds are what the axis holds; without them, 0 and all values.
    """
    ticks = MaxNLocator(_TICKS).tick_values(*(bounds or _bounds(strips)))
    low, high = float(ticks[0]), float(ticks[-1])
    height = _TOP + _ROW * len(strips) + _BOTTOM

    def at(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    drawn: list[Element] = []
    for value in ticks:
        drawn.append(line(at(value), _TOP, at(value), height - _BOTTOM, "grid"))
        drawn.append(text(at(value), height - _BOTTOM + 15, f"{value:.4g}", "middle"))
    drawn.append(text(_WIDTH - _RIGHT, height - 4, unit, "end"))
    for number, strip in enumerate(strips):
        middle = _TOP + _ROW * (number + 0.5)
        drawn.append(
            text(_LEFT - 10, middle + 4, strip.name if len(strip.name) <= 28 else strip.name[:27] + "…", "end")
        )
        places = [(name, value, at(value)) for name, value in strip.values]
        drawn.extend(_row(places, middle, strip))
        if strip.mean is not None:
            ends = [strip.mean.value if end is None else end for end in (strip.mean.low, strip.mean.high)]
            drawn.extend(_mean(at(strip.mean.value), at(ends[0]), at(ends[1]), middle, strip.mean.value))
    return svg(_WIDTH, height, *drawn)


def _row(places: Sequence[tuple[str, float, float]], middle: float, strip: Strip) -> Iterator[Element]:
    if places:
        first, half, third = np.percentile([x for _, _, x in places], [25, 50, 75])
        yield element(
            "rect",
            x=f"{first:.1f}",
            y=f"{middle - 10:.1f}",
            width=f"{third - first:.1f}",
            height="20",
            class_="box",
        )
        yield line(half, middle - 10, half, middle + 10, "median")
    for number, (name, value, x) in enumerate(places):
        y = middle + _JITTER[number % len(_JITTER)]
        label = element("title", f"{name}: {value:.4g}")
        yield element("circle", label, cx=f"{x:.1f}", cy=f"{y:.1f}", r="3", fill=strip.color, class_="dot")


def _mean(x: float, low: float, high: float, middle: float, value: float) -> Iterator[Element]:
    y = middle + 14
    yield line(low, y, high, y, "mean")
    label = element("title", f"mean {value:.4g}")
    points = f"{x:.1f},{y - 4:.1f} {x + 4:.1f},{y:.1f} {x:.1f},{y + 4:.1f} {x - 4:.1f},{y:.1f}"
    yield element("polygon", label, points=points, class_="diamond")


def _bounds(strips: Sequence[Strip]) -> tuple[float, float]:
    values = [value for strip in strips for _, value in strip.values]
    low, high = min([0.0, *values]), max([0.0, *values])
    return (low, high) if high > low else (low, low + 1.0)
