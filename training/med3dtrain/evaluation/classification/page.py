"""The page of an evaluation of classification."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from Med3DInsightLib.export.pages.inert_page import element
from Med3DInsightLib.export.pages.table import table, told

from ..intervals import Interval
from ..pages.report_page import (
    COLORS,
    COMPARED_HEAD,
    Section,
    compared_cells,
    ends,
    quiet,
    report_page,
)
from .case_sections import Pictures, most_confident, unlikeness, values
from .confusion_table import confusion_table
from .reliability_chart import reliability_chart
from .report import ClassificationReport
from .summary import ComparedMeasure

_NAMES = {ComparedMeasure.ACCURACY: "accuracy", ComparedMeasure.LOG_LOSS: "log loss (less is better)"}


def classification_page(report: ClassificationReport, worst: Pictures) -> bytes:
    """Tables, reliability curves, how unlike the training data cases are, and pictures of the worst cases."""
    return report_page(report.head, report.warnings, _sections(report, worst))


def _sections(report: ClassificationReport, worst: Pictures) -> Iterator[Section]:
    yield "Summary", _summaries(report)
    if report.comparison is not None:
        yield " beside ".join(report.head.titles), _comparison(report)
    yield "What is taken for what", _confusions(report)
    yield "Whether probabilities mean what they say", _reliability(report)
    yield "How unlike the training data the cases are", unlikeness(report)
    if worst:
        yield "Wrong with the most confidence", most_confident(report, worst)
    yield "All cases", values(report)


def _summaries(report: ClassificationReport) -> Iterator[Element]:
    level = f"{100 * report.head.settings['level']:g} % interval"
    rows = []
    for title, each in zip(report.head.titles, report.summaries, strict=True):
        scores = each.scores
        rows += [[title, name, *_figure(value), str(scores.cases)] for name, value in scores.named.items()]
        for number, name in enumerate(report.class_names):
            of_class = str(sum(scores.confusion[number]))
            rows.append([title, f"AUC of {name}", *_figure(scores.auc_by_class[number]), of_class])
    yield table(["model", "measure", "value", level, "cases"], rows)
    yield quiet(
        "AUC of a class: that class against the rest. F1: the mean of the classes. Calibration error: the gap between "
        "confidence and accuracy (ECE, 15 bins); 0 is best. Intervals: percentile bootstrap over cases."
    )


def _comparison(report: ClassificationReport) -> Iterator[Element]:
    found = report.comparison
    if found is not None:
        rows = [[_NAMES[measure], *compared_cells(each)] for measure, each in found.by_case.items()]
        blank = ["", "", str(len(report.head.cases)), "", ""]
        rows.append(["AUC", *_figure(found.auc_difference, sign=True), *blank])
        yield table(["measure", *COMPARED_HEAD], rows)
    first, second = report.head.titles
    yield quiet(
        f"Differences are {first} less {second}, case by case. An AUC is none of a single case, so it has an interval "
        "and no p value. The p values are two-sided and not corrected for the number of rows."
    )


def _confusions(report: ClassificationReport) -> Iterator[Element]:
    for title, each in zip(report.head.titles, report.summaries, strict=True):
        yield from _heading(report, title)
        yield confusion_table(each.scores.confusion, report.class_names)
    yield quiet("Numbers are cases; shades are shares of the row.")


def _reliability(report: ClassificationReport) -> Iterator[Element]:
    charts = []
    for title, each, color in zip(report.head.titles, report.summaries, COLORS, strict=False):
        charts.append(element("div", *_heading(report, title), reliability_chart(each.curve, color)))
    yield element("div", *charts, class_="beside")
    yield quiet(
        "A point below the dashed line stands for answers that are right less often than their probability says. "
        "Points of few cases say little."
    )


def _heading(report: ClassificationReport, title: str) -> Iterator[Element]:
    if len(report.head.titles) > 1:
        yield element("h3", title)


def _figure(interval: Interval | None, sign: bool = False) -> list[str]:
    """The cells of a value and its interval."""
    if interval is None or math.isnan(interval.value):
        return ["none", "none"]
    return [told(interval.value, sign), ends(interval)]
