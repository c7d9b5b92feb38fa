"""Captions, on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element

from ...captions.record import Caption
from ...captions.reviewing import Origin, ReviewedCaption
from ...volumes import Plane, slice_of
from ..pages.inert_page import element, picture
from ..pages.table import Cell, long_table
from .content import ReportContent
from .markup import Section, quiet, spoken
from .pictures import ReportPictures
from .words import slice_words

_MOST_PICTURES = 60
_HEAD = ["slice", "text", "origin", "accepted", "score", "flags", "source"]
_ORDER = {plane: number for number, plane in enumerate(Plane)}


def captions_sections(content: ReportContent, pictures: ReportPictures) -> Iterator[Section]:
    """One section with all captions, by slice; none if there are no captions."""
    if not content.captions:
        return
    ordered = sorted(content.captions, key=_slice_of)
    of_slices = [list(captions) for _, captions in groupby(ordered, key=_slice_of)]
    rows: list[list[Cell]] = []
    for number, captions in enumerate(of_slices):
        shown = _picture(captions[0].own, pictures) if number < _MOST_PICTURES else None
        rows += _rows(captions, shown)
    accepted = sum(each.accepted for each in content.captions)
    told = [quiet(f"Captions: {len(content.captions)}, of {len(of_slices)} slices; accepted by the user: {accepted}.")]
    told += long_table(_HEAD, rows, kind="captions", named_rows=True)
    if len(of_slices) > _MOST_PICTURES:
        told.append(quiet(f"Pictures are shown of the first {_MOST_PICTURES} slices."))
    yield "Captions", told


def _slice_of(reviewed: ReviewedCaption) -> tuple[int, int]:
    return _ORDER[reviewed.own.plane], reviewed.own.index


def _picture(caption: Caption, pictures: ReportPictures) -> Element:
    place = slice_of(pictures.volume.grid, caption.plane, caption.index)
    return picture(pictures.slice(place), f"{slice_words(caption.plane, caption.index, caption.position_mm)}")


def _rows(captions: Sequence[ReviewedCaption], shown: Element | None) -> Iterator[list[Cell]]:
    for number, each in enumerate(captions):
        own, current = each.own, each.current
        place = element("span", slice_words(own.plane, own.index, own.position_mm))
        first = [shown] if shown is not None and number == 0 else []
        accepted = "yes" if each.accepted else element("strong", "not accepted", class_="mark")
        flags = ", ".join(flag.replace("_", " ") for flag in current.flags)
        yield [
            element("div", *first, place),
            _text(each),
            str(each.origin),
            accepted,
            f"{current.score:.2f}",
            element("strong", flags, class_="mark") if flags else "none",
            f"{own.backend}: {own.model}" if own.model else own.backend,
        ]


def _text(reviewed: ReviewedCaption) -> Element:
    if reviewed.origin != Origin.EDITED or reviewed.text == reviewed.own.text:
        return spoken(reviewed.text)
    before = element("div", f"The model said: {reviewed.own.text}", class_="spoken quiet")
    return element("div", spoken(reviewed.text), before)
