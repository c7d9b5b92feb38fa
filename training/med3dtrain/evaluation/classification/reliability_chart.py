"""Confidence beside accuracy, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from Med3DInsightLib.export.pages.inert_page import element
from Med3DInsightLib.export.pages.svg import line, svg, text

from .calibration import ReliabilityBin

_SIDE, _LEFT, _RIGHT, _TOP, _BARS, _GAP, _BOTTOM = 300, 58, 16, 12, 70, 14, 42
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_WIDTH, _HEIGHT = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _GAP + _BARS + _BOTTOM
_BASE = _TOP + _SIDE + _GAP + _BARS  # y of the foot of the bars


def reliability_chart(curve: Sequence[ReliabilityBin], color: str) -> Element:
    """The accuracy of the cases of each bin over their mean confidence, and below how many cases a bin has.

    On the dashed line, confidence would be accuracy. color is #rrggbb.
    """
    filled = [part for part in curve if part.cases]
    return svg(_WIDTH, _HEIGHT, *_axes(), *_bars(filled, color), *_curve(filled, color))


def _x(share: float) -> float:
    return _LEFT + share * _SIDE


def _y(share: float) -> float:
    return _TOP + (1 - share) * _SIDE


def _axes() -> Iterator[Element]:
    for tick in _TICKS:
        yield line(_x(tick), _y(0), _x(tick), _y(1), "grid")
        yield line(_x(0), _y(tick), _x(1), _y(tick), "grid")
        yield text(_x(0) - 8, _y(tick) + 4, f"{tick:.1f}", "end")
        yield text(_x(tick), _BASE + 16, f"{tick:.1f}", "middle")
    yield line(_x(0), _y(0), _x(1), _y(1), "ideal")
    yield line(_x(0), _BASE, _x(1), _BASE, "grid")
    yield text(_x(0.5), _BASE + 34, "confidence", "middle")
    yield _upright(16, _y(0.5), "accuracy")
    yield _upright(16, _BASE - _BARS / 2, "cases")


def _upright(x: float, y: float, content: str) -> Element:
    return element("text", content, transform=f"translate({x:.1f} {y:.1f}) rotate(-90)", text_anchor="middle")


def _bars(filled: Sequence[ReliabilityBin], color: str) -> Iterator[Element]:
    most = max(part.cases for part in filled)
    yield text(_x(0) - 8, _BASE - _BARS + 8, str(most), "end")
    yield text(_x(0) - 8, _BASE, "0", "end")
    for part in filled:
        height = max(1.0, _BARS * part.cases / most)
        yield element(
            "rect",
            element("title", f"{part.cases} cases with a confidence of {part.low:.2f} to {part.high:.2f}"),
            x=f"{_x(part.low) + 1:.1f}",
            y=f"{_BASE - height:.1f}",
            width=f"{(part.high - part.low) * _SIDE - 2:.1f}",
            height=f"{height:.1f}",
            fill=color,
            class_="dot",
        )


def _curve(filled: Sequence[ReliabilityBin], color: str) -> Iterator[Element]:
    points = [(_x(part.confidence or 0.0), _y(part.accuracy or 0.0)) for part in filled]
    yield element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), stroke=color, class_="curve")
    for part, (x, y) in zip(filled, points, strict=True):
        told = f"confidence {part.confidence:.3f}, accuracy {part.accuracy:.3f}, {part.cases} cases"
        yield element("circle", element("title", told), cx=f"{x:.1f}", cy=f"{y:.1f}", r="4", fill=color)
