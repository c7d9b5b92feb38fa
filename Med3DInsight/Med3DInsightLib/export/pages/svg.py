"""Lines and texts of plots."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .inert_page import element


def svg(width: int, height: int, *drawn: Element, label: str = "") -> Element:
    """A plot of that size in pixels; label is what is read out to those who cannot see it."""
    size = f"0 0 {width} {height}"
    named = {"aria_label": label} if label else {}
    return element(
        "svg", *drawn, viewBox=size, width=str(width), role="img", **named, xmlns="http://www.w3.org/2000/svg"
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Element:
    """A line; kind is its class in the style sheet."""
    return element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=kind)


def text(x: float, y: float, content: str, anchor: str) -> Element:
    """A text whose start, middle or end is at x."""
    return element("text", content, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
