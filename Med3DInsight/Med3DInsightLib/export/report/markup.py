"""What the sections of a report are made of."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from ..pages.inert_page import element, picture
from .model_reference import ModelReference

Section = tuple[str, list[Element]]
"""A heading and what stands below it."""


def figure(png: bytes, alt: str, caption: str) -> Element:
    """A picture with a caption; alt is read out to those who cannot see it."""
    return element("figure", picture(png, alt), element("figcaption", caption))


def beside(figures: Iterable[Element]) -> Element:
    """Figures beside each other, as far as the page is wide enough."""
    return element("div", *figures, class_="beside")


def quiet(text: str) -> Element:
    """A remark in small print."""
    return element("p", text, class_="quiet")


def warning(text: str) -> Element:
    """Something that must not be overlooked."""
    return element("p", text, class_="warning")


def spoken(text: str) -> Element:
    """A text of somebody else: line feeds are kept."""
    return element("div", text, class_="spoken")


def by_model(model: ModelReference | None) -> Element:
    """Which model a result comes from."""
    if model is None:
        return quiet("No model is recorded for it.")
    return quiet(f"By the model {model.name} (weights {model.weights_sha256[:16]}).")
