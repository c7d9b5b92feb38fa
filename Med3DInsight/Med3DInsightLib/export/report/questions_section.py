"""Questions and answers, on the page."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..pages.inert_page import element
from .content import ReportContent, ReportedQuestion
from .markup import Section, beside, figure, quiet, spoken
from .pictures import ReportPictures
from .words import place_words

_MOST_PICTURES = 12


def questions_sections(content: ReportContent, pictures: ReportPictures) -> Iterator[Section]:
    """One section with all questions; none if nothing was asked."""
    if content.questions:
        yield "Questions", [part for each in content.questions for part in _question(each, pictures)]


def _question(asked: ReportedQuestion, pictures: ReportPictures) -> Iterator[Element]:
    yield element("h3", asked.question)
    yield spoken(asked.answer)
    when = "" if asked.asked_at is None else f", asked {asked.asked_at:%Y-%m-%d %H:%M %Z}"
    who = f"{asked.backend}: {asked.model}" if asked.model else asked.backend
    yield quiet(f"Answered by {who}{when}. Slices that it was shown: {len(asked.slices)}.")
    shown = asked.slices[:_MOST_PICTURES]
    yield beside(
        figure(pictures.slice(place), f"{place_words(place)}, which the model was shown", place_words(place))
        for place in shown
    )
    if len(shown) < len(asked.slices):
        yield quiet(f"Further slices: {'; '.join(place_words(place) for place in asked.slices[_MOST_PICTURES:])}.")
