"""A report as a page."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ...analysis.computing.progress import ProgressTracker
from ...volumes import ANATOMICAL_PLANES, slices_of
from ..pages.inert_page import element, page
from ..pages.table import table
from ..provenance import NOTICE, versions
from .captions_section import captions_sections
from .classes_section import classes_sections
from .content import ReportContent
from .found_section import found_sections
from .maps_section import maps_sections
from .markup import Section, beside, figure, quiet
from .models_section import models_sections
from .pictures import ReportPictures
from .questions_section import questions_sections
from .segmentations_section import segmentations_sections
from .style import STYLE
from .words import NUMBERING, place_words

WRITING = "writing the report"
"""The stage that is told while a page is made."""


def report_html(content: ReportContent, pictures: ReportPictures, tracker: ProgressTracker | None = None) -> bytes:
    """A page in UTF-8 that runs nothing and loads nothing; texts from elsewhere are shown as texts.

    pictures are of the volume of content; tracker, whose stage is WRITING, is told of each part of the page.
    Raises VolumeError or CaptionError for a slice that the volume lacks, AnalysisCancelled if tracker does.
    """
    tracker = tracker or ProgressTracker({WRITING: 1.0})
    title = f"Report: {content.name}"
    parts = [element("h1", title), element("p", NOTICE, class_="notice")]
    parts += [*_volume(content, pictures), quiet(NUMBERING)]
    chapters = (
        classes_sections(content),
        segmentations_sections(content, pictures),
        captions_sections(content, pictures),
        maps_sections(content, pictures),
        found_sections(content, pictures),
        questions_sections(content, pictures),
        models_sections(content),
        _provenance(content),
    )
    for number, chapter in enumerate(chapters):
        tracker.report(WRITING, number, len(chapters))
        for heading, told in chapter:
            parts.append(element("section", element("h2", heading), *told))
    return page(title, STYLE, element("main", *parts))


def _volume(content: ReportContent, pictures: ReportPictures) -> Iterator[Element]:
    grid = content.volume.grid
    rows = [
        ["voxels", "x".join(str(size) for size in grid.shape_ijk)],
        ["spacing (mm)", "x".join(f"{mm:.4g}" for mm in grid.spacing_ijk_mm)],
        ["orientation", grid.axis_codes],
        ["modality", content.volume.modality.value],
    ]
    if content.source is not None:
        source = content.source
        rows += [["file", source.file], ["size (bytes)", str(source.size_bytes)], ["SHA-256", source.sha256]]
    yield table(["volume", content.name], rows, kind="facts", named_rows=True)
    places = [slices_of(grid, plane) for plane in ANATOMICAL_PLANES]
    middles = [of_plane[len(of_plane) // 2] for of_plane in places]
    yield beside(figure(pictures.slice(place), place_words(place), place_words(place)) for place in middles)


def _provenance(content: ReportContent) -> Iterator[Section]:
    rows = [
        ["made", f"{content.created_at:%Y-%m-%d %H:%M:%S %Z}"],
        *([name, value] for name, value in versions().items()),
    ]
    yield "Provenance", [table(["what", "value"], rows, kind="facts", named_rows=True)]
