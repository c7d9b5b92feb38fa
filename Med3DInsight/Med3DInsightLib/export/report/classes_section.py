"""What the volume is, on the page."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..pages.inert_page import element
from ..pages.svg import svg
from ..pages.table import Cell, long_table
from .content import ReportContent, ReportedClasses
from .markup import Section, by_model, quiet, warning
from .style import CURVE, FAINT

_WIDTH, _HEIGHT = 200, 12


def classes_sections(content: ReportContent) -> Iterator[Section]:
    """A section for each model that classified the volume."""
    for reported in content.classes:
        yield f"Classes: {reported.result.most_probable}", list(_classes(reported))


def _classes(reported: ReportedClasses) -> Iterator[Element]:
    result = reported.result
    yield by_model(reported.model)
    if result.is_unfamiliar:
        yield warning("The volume is unlike the training data; the probabilities mean little.")
    ordered = sorted(result.probabilities.items(), key=lambda entry: -entry[1])
    rows: list[list[Cell]] = [[name, f"{probability:.3f}", _bar(probability)] for name, probability in ordered]
    yield from long_table(["class", "probability", "0 to 1"], rows, named_rows=True)
    if result.unlikeness is None:
        yield quiet("The model does not know how like its training data a volume is.")
    else:
        yield quiet(f"{100 * result.unlikeness:.1f} % of ordinary cases are more like the training data.")


def _bar(probability: float) -> Element:
    size = {"height": str(_HEIGHT), "x": "0", "y": "0"}
    whole = element("rect", width=str(_WIDTH), class_="whole", fill=FAINT, **size)
    part = element("rect", width=f"{_WIDTH * probability:.1f}", class_="part", fill=CURVE, **size)
    return svg(_WIDTH, _HEIGHT, whole, part, label=f"bar of {probability:.3f}")
