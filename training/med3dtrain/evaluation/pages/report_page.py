"""What the pages of all reports have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from Med3DInsightLib.export.pages.inert_page import element, page
from Med3DInsightLib.export.pages.table import table, told
from Med3DInsightLib.export.provenance import NOTICE

from ..intervals import Interval
from ..pairing import PairedComparison
from ..report_head import ReportHead
from .style import STYLE

COLORS = ("#1f6fb2", "#c2571a")
"""Of the first and the second model."""
COMPARED_HEAD = ("difference", "interval", "higher", "lower", "cases", "Wilcoxon p", "permutation p")
"""The columns of compared_cells()."""

Section = tuple[str, Iterable[Element]]


def report_page(head: ReportHead[Any, Any], warnings: Sequence[str], sections: Iterable[Section]) -> bytes:
    """A page with the facts, the warnings, the sections under their headings, and the cases that were skipped."""
    title = f"Evaluation of {head.titles[0]}"
    parts = [element("h1", title), element("p", NOTICE, class_="notice"), _facts(head)]
    parts += [element("p", warning, class_="notice") for warning in warnings]
    for heading, content in sections:
        parts += [element("h2", heading), *content]
    if head.skipped:
        skipped = [[each.name, each.error] for each in head.skipped]
        parts += [element("h2", "Skipped"), table(["case", "why"], skipped)]
    return page(title, STYLE, *parts)


def quiet(text: str) -> Element:
    """A remark in small print."""
    return element("p", text, class_="quiet")


def legend(entries: Iterable[tuple[str, str]]) -> Element:
    """What colours (of CSS, our own) stand for."""
    made = element("p")
    for color, name in entries:
        made.append(element("span", class_="swatch", style=f"background: {color}"))
        made.append(element("span", name))
    return made


def models_legend(head: ReportHead[Any, Any]) -> Iterator[Element]:
    """The colours of two models; nothing for one."""
    if len(head.titles) > 1:
        yield legend(zip(COLORS, head.titles, strict=False))


def notices(head: ReportHead[Any, Any]) -> Iterator[Element]:
    """What is to be known of single cases."""
    for case in head.cases:
        for notice in case.notices:
            yield quiet(f"{case.case.name}: {notice}")


def ends(interval: Interval | None) -> str:
    """The ends of an interval, or "none"."""
    if interval is None or interval.low is None or interval.high is None:
        return "none"
    return f"{told(interval.low)} to {told(interval.high)}"


def compared_cells(found: PairedComparison) -> list[str]:
    """The cells under COMPARED_HEAD."""
    difference = told(found.difference.value, sign=True) if found.difference else "none"
    counts = [str(count) for count in (found.higher, found.lower, found.cases)]
    return [difference, ends(found.difference), *counts, told(found.wilcoxon_p), told(found.permutation_p)]


def _facts(head: ReportHead[Any, Any]) -> Element:
    rows = [
        [f"{facts.title} ({facts.name} {facts.version})", f"weights {facts.weights_sha256[:16]}"]
        for facts in head.models
    ]
    rows += [["cases", f"{len(head.cases)} measured, {len(head.skipped)} skipped"]]
    rows += [
        [name.replace("_", " "), _listed(value)] for name, value in head.settings.items() if value not in (None, "", [])
    ]
    return element("div", table(["what", ""], rows), element("p", element("code", head.command)))


def _listed(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
