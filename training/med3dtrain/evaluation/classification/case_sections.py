"""What the page of an evaluation of classification says of single cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from Med3DInsightLib.export.pages.inert_page import element, picture
from Med3DInsightLib.export.pages.table import long_table, told

from ..evaluated_case import PicturedCase
from ..pages.report_page import COLORS, models_legend, notices, quiet
from ..pages.strip_plot import Strip, strip_plot
from .cases import ClassCase
from .report import ClassificationReport
from .result import CaseAnswer, is_right

Pictures = Sequence[PicturedCase[ClassCase, CaseAnswer]]


def unlikeness(report: ClassificationReport) -> Iterator[Element]:
    """How unlike the training data right and wrong answers are."""
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


def most_confident(report: ClassificationReport, pictures: Pictures) -> Iterator[Element]:
    """The wrong answers that have pictures."""
    for each in pictures:
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


def values(report: ClassificationReport) -> Iterator[Element]:
    """A table of all cases and answers."""
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
