"""Slices that fit a phrase, on the page."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np

from ..pages.inert_page import element
from ..pages.table import table
from .content import ReportContent, ReportedFind
from .markup import Section, beside, by_model, figure, quiet
from .pictures import ReportPictures
from .similarity_curve import similarity_curve
from .words import place_words


def found_sections(content: ReportContent, pictures: ReportPictures) -> Iterator[Section]:
    """A section for each phrase."""
    for reported in content.found:
        yield f"Slices that fit: {reported.found.phrase}", list(_found(reported, pictures))


def _found(reported: ReportedFind, pictures: ReportPictures) -> Iterator[Element]:
    found = reported.found
    yield by_model(reported.model)
    source = "is in the model's vocabulary" if found.of_vocabulary else "was read by the teacher's text tower"
    yield quiet(f"The phrase {source}. Similarity is the cosine of its embedding and the slice's.")
    yield beside(
        figure(
            pictures.slice(plane.best),
            f"{place_words(plane.best)}, the {plane.plane} slice that fits best",
            place_words(plane.best),
        )
        for plane in found.planes
    )
    rows = []
    for plane in found.planes:
        best = int(plane.similarities.argmax())
        told = f"{plane.similarities[best]:.3f}", f"{plane.weights[best]:.3g}"
        rows.append([str(plane.plane), place_words(plane.best), *told])
    yield table(["plane", "best slice", "similarity", "weight among the slices"], rows, named_rows=True)
    similarities = np.concatenate([plane.similarities for plane in found.planes])
    bounds = float(similarities.min()), float(similarities.max())
    for plane in found.planes:
        yield element("div", similarity_curve(plane, found.phrase, bounds), class_="scroll")
