"""Tables and figures of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .inert_page import element

_MOST_ROWS = 2000

Cell = Element | str


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]], kind: str = "", named_rows: bool = False) -> Element:
    """A table that scrolls sideways where it is too wide; kind is its class in the style sheet.

    With named_rows, the first cell of a row is the heading of the row.
    """
    header = element("tr", *(element("th", cell, scope="col") for cell in head))
    body = [element("tr", *_cells(row, named_rows)) for row in rows]
    attributes = {"class_": kind} if kind else {}
    made = element("table", element("thead", header), element("tbody", *body), **attributes)
    return element("div", made, class_="scroll")


def long_table(
    head: Sequence[str], rows: Sequence[Sequence[Cell]], kind: str = "", named_rows: bool = False
) -> Iterator[Element]:
    """A table of at most 2000 rows, and how many more there are; see table()."""
    yield table(head, rows[:_MOST_ROWS], kind, named_rows)
    if len(rows) > _MOST_ROWS:
        yield element("p", f"{len(rows) - _MOST_ROWS} more rows are in report.json.", class_="quiet")


def told(value: float | None, sign: bool = False) -> str:
    """A figure with three decimals, or three digits if it is small; "none" where there is no value."""
    if value is None:
        return "none"
    decimals = ".3f" if value == 0 or abs(value) >= 0.01 else ".2g"
    return format(value, f"{'+' if sign else ''}{decimals}")


def _cells(row: Sequence[Cell], named: bool) -> Iterator[Element]:
    for number, cell in enumerate(row):
        yield element("th", cell, scope="row") if named and number == 0 else element("td", cell)
