"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from Med3DInsightLib.export.pages.inert_page import element


def confusion_table(confusion: Sequence[Sequence[int]], class_names: Sequence[str]) -> Element:
    """A table whose rows are true classes and whose columns are answers; shades are shares of the row."""
    head = element("tr", element("th", "is"), *(element("th", f"taken for {name}") for name in class_names))
    rows = [_row(number, counts, class_names[number]) for number, counts in enumerate(confusion)]
    table = element("table", element("thead", head), element("tbody", *rows), class_="confusion")
    return element("div", table, class_="scroll")


def _row(number: int, counts: Sequence[int], name: str) -> Element:
    of_class = max(1, sum(counts))
    cells = []
    for taken_for, count in enumerate(counts):
        right = taken_for == number
        shade = ("31, 111, 178" if right else "194, 87, 26", 0.55 * count / of_class)
        style = f"background: rgba({shade[0]}, {shade[1]:.3f})"
        cells.append(element("td", str(count), style=style, **({"class_": "right"} if right else {})))
    return element("tr", element("td", name), *cells)
