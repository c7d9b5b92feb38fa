"""The page of an evaluation of classification."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from ..evaluated_case import PicturedCase
from ..intervals import Interval
from ..pages.inert_page import element, picture
from ..pages.report_page import (
    COLORS,
    COMPARED_HEAD,
    Section,
    compared_cells,
    ends,
    models_legend,
    notices,
    quiet,
    report_page,
)
from ..pages.strip_plot import Strip, strip_plot
from ..pages.table import long_table, table, told
from .cases import ClassCase
from .confusion_table import confusion_table
from .reliability_chart import reliability_chart
from .report import ClassificationReport
from .result import CaseAnswer, is_right
from .summary import ComparedMeasure

_NAMES = {ComparedMeasure.ACCURACY: "accuracy", ComparedMeasure.LOG_LOSS: "log loss (less is better)"}

Pictures = Sequence[PicturedCase[ClassCase, CaseAnswer]]


def classification_page(report: ClassificationReport, worst: Pictures) -> bytes:
    """Tables, reliability curves, how unlike the training data cases are, and pictures of the worst cases."""
    return report_page(report.head, report.warnings, _sections(report, worst))


def _sections(report: ClassificationReport, worst: Pictures) -> Iterator[Section]:
    yield "Summary", _summaries(report)
    if report.comparison is not None:
        yield " beside ".join(report.head.titles), _comparison(report)
    yield "What is taken for what", _confusions(report)
    yield "Whether probabilities mean what they say", _reliability(report)
    yield "How unlike the training data the cases are", _unlikeness(report)
    if worst:
        yield "Wrong with the most confidence", _worst(report, worst)
    yield "All cases", _values(report)


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


def _unlikeness(report: ClassificationReport) -> Iterator[Element]:
    yield from models_legend(report.head)
    strips = []
    for model, color in zip(range(len(report.head.models)), COLORS, strict=False):
        for kind, right in (("right", True), ("wrong", False)):
            values = tuple(
                (case.case.name, score)
                for case in report.head.cases
                if is_right(case, model) is right and (score := case.results[model].unlikeness) is not None
            )
            strips.append(Strip(f"{kind} answers", values, None, color))
    yield element("div", strip_plot(strips, "unlike the training data", (0.0, 1.0)), class_="scroll")
    yield quiet(
        "Dots: cases. Box: quartiles and median. The score is the share of ordinary cases that are more like the "
        "training data; of cases of the same kind it is anything between 0 and 1 alike."
    )
    for title, each in zip(report.head.titles, report.summaries, strict=True):
        count = f"calls {each.unfamiliar} of {each.scores.cases} cases unlike its training data (.99 or more)"
        yield quiet(f"{title} " + ("does not know what it was trained on" if each.unfamiliar is None else count) + ".")


def _worst(report: ClassificationReport, worst: Pictures) -> Iterator[Element]:
    for each in worst:
        answer, truth = each.case.results[0], each.case.case.class_number
        taken = report.class_names[answer.class_number]
        yield element("h3", f"{each.case.case.name}: taken for {taken}, is {report.class_names[truth]}")
        yield picture(each.png, "the middle axial, coronal and sagittal slice")
        figures = f"probability of {taken} {told(answer.confidence)}, of {report.class_names[truth]} "
        yield quiet(f"{figures}{told(answer.probabilities[truth])}; unlike the training data {told(answer.unlikeness)}")
    yield quiet(
        "R is the patient's right, as far as the file tells. Slices are the middle ones; what was decisive may be "
        "elsewhere."
    )


def _values(report: ClassificationReport) -> Iterator[Element]:
    head = ["case", "is", "model", "taken for", "right", "its probability", "of the true class", "unlike the training"]
    rows = []
    for case in report.head.cases:
        truth = case.case.class_number
        for model, (title, answer) in enumerate(zip(report.head.titles, case.results, strict=True)):
            answered = [title, report.class_names[answer.class_number], "yes" if is_right(case, model) else "no"]
            figures = (answer.confidence, answer.probabilities[truth], answer.unlikeness)
            rows.append([case.case.name, report.class_names[truth], *answered, *map(told, figures)])
    yield from long_table(head, rows)
    yield from notices(report.head)


def _heading(report: ClassificationReport, title: str) -> Iterator[Element]:
    if len(report.head.titles) > 1:
        yield element("h3", title)


def _figure(interval: Interval | None, sign: bool = False) -> list[str]:
    """The cells of a value and its interval."""
    if interval is None or math.isnan(interval.value):
        return ["none", "none"]
    return [told(interval.value, sign), ends(interval)]
