"""The page of an evaluation of segmentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from Med3DInsightLib.export.pages.inert_page import element, picture
from Med3DInsightLib.export.pages.table import long_table, table, told
from Med3DInsightLib.volumes import Segment

from ...datasets.cases import Case
from ..evaluated_case import PicturedCase
from ..pages.report_page import (
    COLORS,
    COMPARED_HEAD,
    Section,
    compared_cells,
    ends,
    legend,
    models_legend,
    notices,
    quiet,
    report_page,
)
from ..pages.strip_plot import Strip, strip_plot
from .measures import Measure, mean_over_structures
from .report import SegmentationReport
from .result import SegmentationCaseResult
from .summary import ALL_STRUCTURES, MeasureSummary

_NAMES = {
    Measure.DICE: "Dice",
    Measure.SURFACE_DICE: "Surface Dice",
    Measure.HAUSDORFF95_MM: "95 % Hausdorff distance",
    Measure.VOLUME_DIFFERENCE_ML: "Volume difference",
}
_UNITS = {Measure.HAUSDORFF95_MM: "mm", Measure.VOLUME_DIFFERENCE_ML: "ml"}
_SHARES = (Measure.DICE, Measure.SURFACE_DICE)

Pictures = Sequence[PicturedCase[Case, SegmentationCaseResult]]


def segmentation_page(report: SegmentationReport, worst: Pictures, segments: Sequence[Segment]) -> bytes:
    """Tables, a plot of every measure, and the pictures of the worst cases; segments are those that were measured."""
    return report_page(report.head, report.warnings, _sections(report, worst, segments))


def _sections(report: SegmentationReport, worst: Pictures, segments: Sequence[Segment]) -> Iterator[Section]:
    yield "Summary", _summaries(report)
    if report.comparisons:
        yield " beside ".join(report.head.titles), _comparison(report)
    yield "Every case", _plots(report)
    if worst:
        yield "Worst cases", _worst(worst, segments)
    yield "All values", _values(report)


def _summaries(report: SegmentationReport) -> Iterator[Element]:
    interval = f"{100 * report.head.settings['level']:g} % interval"
    head = ["structure", "measure", "mean", interval, "median", "cases", "missed", "invented", "in neither"]
    for title, rows in zip(report.head.titles, report.summaries, strict=True):
        if len(report.head.models) > 1:
            yield element("h3", title)
        yield table(head, [_summary_cells(row) for row in rows])
    text = (
        "Missed: in the truth only; invented: in the prediction only. Both have Dice and surface Dice 0 and no "
        "distance. A structure that is in neither has no value. Intervals: percentile bootstrap over cases."
    )
    yield quiet(text)


def _summary_cells(row: MeasureSummary) -> list[str]:
    # The mean of structures was neither missed nor invented.
    counts = ["", "", ""] if row.structure == ALL_STRUCTURES else [row.missed, row.invented, row.absent]
    mean = told(row.mean.value) if row.mean else "none"
    cases = str(len(row.defined))
    return [row.structure, _named(row.measure), mean, ends(row.mean), told(row.median), cases, *map(str, counts)]


def _comparison(report: SegmentationReport) -> Iterator[Element]:
    rows = [[row.structure, _named(row.measure), *compared_cells(row.comparison)] for row in report.comparisons]
    yield table(["structure", "measure", *COMPARED_HEAD], rows)
    text = (
        f"Differences are {report.head.titles[0]} less {report.head.titles[1]}, case by case; of distances, less is "
        "better. The p values are two-sided and not corrected for the number of rows."
    )
    yield quiet(text)


def _plots(report: SegmentationReport) -> Iterator[Element]:
    yield from models_legend(report.head)
    for measure in Measure:
        strips = []
        for rows in zip(*report.summaries, strict=True):
            for row, color in zip(rows, COLORS, strict=False):
                if row.measure == measure:
                    pairs = zip(report.head.cases, row.values, strict=True)
                    values = tuple((each.case.name, value) for each, value in pairs if value is not None)
                    strips.append(Strip(row.structure, values, row.mean, color))
        yield element("h3", _NAMES[measure])
        bounds = (0.0, 1.0) if measure in _SHARES else None
        yield element("div", strip_plot(strips, _UNITS.get(measure, ""), bounds), class_="scroll")
    text = "Dots: cases. Box: quartiles and median. Diamond and line: mean and its interval."
    yield quiet(text)


def _worst(worst: Pictures, segments: Sequence[Segment]) -> Iterator[Element]:
    yield legend((f"rgb{segment.color_rgb}", segment.name) for segment in segments)
    for each in worst:
        dice = mean_over_structures(each.case.results[0].structures)
        yield element("h3", f"{each.case.case.name}: mean Dice {told(dice)}")
        yield picture(each.png, "outlines of truth and prediction in the slice where they differ most")
        yield from (quiet(notice) for notice in each.case.notices)
    text = "R is the patient's right. The slice is the one with the most voxels of different labels."
    yield quiet(text)


def _values(report: SegmentationReport) -> Iterator[Element]:
    head = ["case", "model", "structure", "Dice", "surface Dice", "95 % Hausdorff (mm)", "truth (ml)", "predicted (ml)"]
    rows = []
    for case in report.head.cases:
        for title, result in zip(report.head.titles, case.results, strict=True):
            for each in result.structures:
                values = (each.dice, each.surface_dice, each.hausdorff95_mm, each.truth_ml, each.predicted_ml)
                rows.append([case.case.name, title, each.name, *map(told, values)])
    yield from long_table(head, rows)
    yield from notices(report.head)


def _named(measure: Measure) -> str:
    unit = _UNITS.get(measure)
    return f"{_NAMES[measure]} ({unit})" if unit else _NAMES[measure]
