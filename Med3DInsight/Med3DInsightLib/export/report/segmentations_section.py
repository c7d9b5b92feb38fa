"""Segmentations, on the page."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..outline_colors import outline_colors
from ..pages.inert_page import element
from ..pages.table import Cell, long_table
from .content import ReportContent
from .markup import Section, beside, by_model, figure
from .pictures import ReportPictures
from .reported_segmentation import ReportedSegmentation
from .words import place_words

_HEAD = ["structure", "volume (ml)", "mean intensity", "surface (mm²)", "SNOMED CT"]


def segmentations_sections(content: ReportContent, pictures: ReportPictures) -> Iterator[Section]:
    """A section for each segmentation."""
    for reported in content.segmentations:
        yield f"Segmentation: {reported.name}", list(_segmentation(reported, pictures))


def _segmentation(reported: ReportedSegmentation, pictures: ReportPictures) -> Iterator[Element]:
    yield by_model(reported.model)
    yield beside(
        figure(
            pictures.outlines(place, reported.labels, reported.segments),
            f"{place_words(place)}, with the outlines of the structures of {reported.name}",
            place_words(place),
        )
        for place in reported.shown_slices
    )
    yield from long_table(_HEAD, list(_rows(reported)), named_rows=True)


def _rows(reported: ReportedSegmentation) -> Iterator[list[Cell]]:
    numbers = {segment.label_value: number for number, segment in enumerate(reported.segments)}
    colors = outline_colors(reported.segments)
    for row in reported.statistics:
        number = numbers[row.label_value]
        swatch = element("span", class_="swatch", style=f"background: {colors[number]}")
        yield [
            element("span", swatch, element("span", row.name)),
            f"{row.volume_ml:.2f}",
            "none" if row.mean_intensity is None else f"{row.mean_intensity:.4g}",
            f"{row.surface_mm2:.1f}",
            reported.segments[number].type.value,
        ]
