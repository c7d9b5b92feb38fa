"""Tables and figures of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .inert_page import element

_MOST_ROWS = 2000


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Element:
    """A table of texts that scrolls sideways where it is too wide."""
    header = element("tr", *(element("th", cell) for cell in head))
    body = [element("tr", *(element("td", cell) for cell in row)) for row in rows]
    return element("div", element("table", element("thead", header), element("tbody", *body)), class_="scroll")


def long_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Element]:
    """A table of at most 2000 rows, and how many more there are."""
    yield table(head, rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield element("p", f"{len(rows) - _MOST_ROWS} more rows are in report.json.", class_="quiet")


def told(value: float | None, sign: bool = False) -> str:
    """A figure with three decimals, or three digits if it is small; "none" where there is no value."""
    if value is None:
        return "none"
    decimals = ".3f" if value == 0 or abs(value) >= 0.01 else ".2g"
    return format(value, f"{'+' if sign else ''}{decimals}")
