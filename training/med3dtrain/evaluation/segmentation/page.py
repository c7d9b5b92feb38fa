"""The report for people: one file that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from Med3DInsightLib.export.segmentation_folder import NOTICE
from Med3DInsightLib.volumes import Segment

from ..evaluated_case import EvaluatedCase
from ..intervals import Interval
from ..pages.inert_page import element, page, picture
from ..pages.strip_plot import Strip, strip_plot
from ..pages.table import table, told
from .measures import Measure, mean_over_structures
from .report import Report
from .summary import ALL_STRUCTURES, MeasureSummary

_NAMES = {
    Measure.DICE: "Dice",
    Measure.SURFACE_DICE: "Surface Dice",
    Measure.HAUSDORFF95_MM: "95 % Hausdorff distance",
    Measure.VOLUME_DIFFERENCE_ML: "Volume difference",
}
_UNITS = {Measure.HAUSDORFF95_MM: "mm", Measure.VOLUME_DIFFERENCE_ML: "ml"}
_SHARES = (Measure.DICE, Measure.SURFACE_DICE)
_MOST_ROWS = 2000
_COLORS = ("#1f6fb2", "#c2571a")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; overflow-wrap: anywhere; }
.notice { color: #8a3b00; } .quiet { color: #5b6673; font-size: .87rem; }
.scroll { overflow-x: auto; } code { font-size: .85rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .87rem; margin: .6rem 0; }
th, td { padding: .22rem .7rem; text-align: right; border-bottom: 1px solid #e3e7ec; white-space: nowrap; }
th { color: #5b6673; font-weight: 600; }
td:nth-child(-n+2), th:nth-child(-n+2) { text-align: left; }
td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 8rem; }
img, svg { display: block; max-width: 100%; height: auto; } svg text { font-size: 12px; fill: #3d4753; }
.grid { stroke: #e3e7ec; } .box { fill: #eef2f6; stroke: #9aa7b4; } .median { stroke: #3d4753; stroke-width: 2; }
.dot { fill-opacity: .65; } .mean { stroke: #1c2430; stroke-width: 1.5; } .diamond { fill: #1c2430; }
.swatch { display: inline-block; width: .9rem; height: .9rem; border: 1px solid #5b6673; margin: 0 .35rem 0 .9rem;
          vertical-align: -.1rem; }
"""


@dataclass(frozen=True)
class WorstCase:
    """A case with a picture (PNG) of where it went wrong."""

    case: EvaluatedCase
    png: bytes


def html_report(report: Report, worst: Sequence[WorstCase], segments: Sequence[Segment]) -> bytes:
    """A page with tables, a plot of every measure, and the pictures of the worst cases."""
    title = f"Evaluation of {report.titles[0]}"
    parts = [element("h1", title), element("p", NOTICE, class_="notice"), _facts(report), element("h2", "Summary")]
    parts += [element("p", warning, class_="notice") for warning in report.warnings]
    parts += _summaries(report)
    if report.comparisons:
        parts += [element("h2", " beside ".join(report.titles)), *_comparison(report)]
    parts += [element("h2", "Every case"), *_plots(report)]
    if worst:
        parts += [element("h2", "Worst cases"), *_worst(report, worst, segments)]
    parts += [element("h2", "All values"), *_values(report)]
    if report.skipped:
        skipped = [[each.name, each.error] for each in report.skipped]
        parts += [element("h2", "Skipped"), table(["case", "why"], skipped)]
    return page(title, _STYLE, *parts)


def _facts(report: Report) -> Element:
    rows = [
        [f"{facts.title} ({facts.name} {facts.version})", f"weights {facts.weights_sha256[:16]}"]
        for facts in report.models
    ]
    rows += [["cases", f"{len(report.cases)} measured, {len(report.skipped)} skipped"]]
    rows += [
        [name.replace("_", " "), _listed(value)]
        for name, value in report.settings.items()
        if value not in (None, "", [])
    ]
    return element("div", table(["what", ""], rows), element("p", element("code", report.command)))


def _summaries(report: Report) -> Iterator[Element]:
    for title, rows in zip(report.titles, report.summaries, strict=True):
        if len(report.models) > 1:
            yield element("h3", title)
        head = ["structure", "measure", "mean", "95 % interval", "median", "cases", "missed", "invented", "in neither"]
        head[3] = f"{100 * report.settings['level']:g} % interval"
        yield table(head, [_summary_cells(row) for row in rows])
    text = (
        "Missed: in the truth only; invented: in the prediction only. Both have Dice and surface Dice 0 and no "
        "distance. A structure that is in neither has no value. Intervals: percentile bootstrap over cases."
    )
    yield element("p", text, class_="quiet")


def _summary_cells(row: MeasureSummary) -> list[str]:
    # The mean of structures was neither missed nor invented.
    counts = ["", "", ""] if row.structure == ALL_STRUCTURES else [row.missed, row.invented, row.absent]
    mean = told(row.mean.value) if row.mean else "none"
    cases = str(len(row.defined))
    return [row.structure, _named(row.measure), mean, _ends(row.mean), told(row.median), cases, *map(str, counts)]


def _comparison(report: Report) -> Iterator[Element]:
    head = ["structure", "measure", "difference", "interval", "higher", "lower", "cases", "Wilcoxon p", "permutation p"]
    rows = []
    for row in report.comparisons:
        found = row.comparison
        difference = told(found.difference.value, sign=True) if found.difference else "none"
        counts = [str(count) for count in (found.higher, found.lower, found.cases)]
        values = [told(found.wilcoxon_p), told(found.permutation_p)]
        rows.append([row.structure, _named(row.measure), difference, _ends(found.difference), *counts, *values])
    yield table(head, rows)
    text = (
        f"Differences are {report.titles[0]} less {report.titles[1]}, case by case; of distances, less is "
        "better. The p values are two-sided and not corrected for the number of rows."
    )
    yield element("p", text, class_="quiet")


def _plots(report: Report) -> Iterator[Element]:
    for measure in Measure:
        strips = []
        for rows in zip(*report.summaries, strict=True):
            for title, row, color in zip(report.titles, rows, _COLORS, strict=False):
                if row.measure == measure:
                    name = row.structure if len(report.models) == 1 else f"{row.structure}, {title}"
                    pairs = zip(report.cases, row.values, strict=True)
                    values = tuple((each.case.name, value) for each, value in pairs if value is not None)
                    strips.append(Strip(name, values, row.mean, color))
        yield element("h3", _NAMES[measure])
        bounds = (0.0, 1.0) if measure in _SHARES else None
        yield element("div", strip_plot(strips, _UNITS.get(measure, ""), bounds), class_="scroll")
    text = "Dots: cases. Box: quartiles and median. Diamond and line: mean and its interval."
    yield element("p", text, class_="quiet")


def _worst(report: Report, worst: Sequence[WorstCase], segments: Sequence[Segment]) -> Iterator[Element]:
    legend = element("p")
    for segment in segments:
        red, green, blue = segment.color_rgb
        swatch = element("span", class_="swatch", style=f"background: rgb({red}, {green}, {blue})")
        swatch.tail = ""
        legend.append(swatch)
        legend.append(element("span", segment.name))
    yield legend
    for each in worst:
        dice = mean_over_structures(each.case.results[0].structures)
        yield element("h3", f"{each.case.case.name}: mean Dice {told(dice)}")
        yield picture(each.png, "outlines of truth and prediction in the slice where they differ most")
        for notice in dict.fromkeys(text for result in each.case.results for text in result.notices):
            yield element("p", notice, class_="quiet")
    text = "R is the patient's right. The slice is the one with the most voxels of different labels."
    yield element("p", text, class_="quiet")


def _values(report: Report) -> Iterator[Element]:
    head = ["case", "model", "structure", "Dice", "surface Dice", "95 % Hausdorff (mm)", "truth (ml)", "predicted (ml)"]
    rows = []
    for case in report.cases:
        for title, result in zip(report.titles, case.results, strict=True):
            for each in result.structures:
                values = (each.dice, each.surface_dice, each.hausdorff95_mm, each.truth_ml, each.predicted_ml)
                rows.append([case.case.name, title, each.name, *map(told, values)])
    yield table(head, rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield element("p", f"{len(rows) - _MOST_ROWS} more rows are in report.json.", class_="quiet")
    for case in report.cases:
        for notice in dict.fromkeys(text for result in case.results for text in result.notices):
            yield element("p", f"{case.case.name}: {notice}", class_="quiet")


def _listed(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _named(measure: Measure) -> str:
    unit = _UNITS.get(measure)
    return f"{_NAMES[measure]} ({unit})" if unit else _NAMES[measure]


def _ends(interval: Interval | None) -> str:
    if interval is None or interval.low is None or interval.high is None:
        return "none"
    return f"{told(interval.low)} to {told(interval.high)}"
