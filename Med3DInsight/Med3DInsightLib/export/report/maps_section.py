"""Attention and explanations, on the page."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..pages.table import told
from .colour_scale import THRESHOLD_SHARE, colour_legend
from .content import ReportContent
from .markup import Section, beside, by_model, figure, quiet
from .pictures import ReportPictures
from .reported_map import ReportedMap
from .words import place_words, position_words

_MEANINGS = {
    "attention": "Attention says where the encoder took information from for this slice, not what the answer would be "
    "without it.",
    "Grad-CAM": "Where features of the network speak for the class.",
    "occlusion": "How much the answer loses when a cube is hidden; places where it gains are not shown.",
}


def maps_sections(content: ReportContent, pictures: ReportPictures) -> Iterator[Section]:
    """A section for each map."""
    for reported in content.maps:
        yield title_of(reported), list(_map(reported, content, pictures))


def title_of(reported: ReportedMap) -> str:
    """What a map is about, such as "Grad-CAM: liver" or "Attention: axial slice 80, S 12.5 mm"."""
    about = [reported.subject] if reported.subject else []
    about += [place_words(reported.place)] if reported.place is not None else []
    method = reported.method[:1].upper() + reported.method[1:]
    return f"{method}: {', '.join(about)}" if about else method


def _map(reported: ReportedMap, content: ReportContent, pictures: ReportPictures) -> Iterator[Element]:
    grid = content.volume.grid
    highest = float(reported.values_kji.max())
    yield by_model(reported.model)
    figures = [
        figure(
            pictures.overlay(place, reported.on_grid, highest),
            f"{place_words(place)}, with {title_of(reported)} in colours",
            place_words(place),
        )
        for place in reported.shown_slices(grid)
    ]
    yield beside(figures)
    if highest > 0:
        yield colour_legend(highest, title_of(reported))
    strongest = f"Highest value {told(highest)} at {position_words(reported.strongest_ras_mm)}."
    hidden = f"Nothing is drawn below {100 * THRESHOLD_SHARE:.0f} % of it."
    cells = "x".join(str(size) for size in reported.grid.shape_ijk)
    side = "x".join(f"{mm:.3g}" for mm in reported.grid.spacing_ijk_mm)
    yield quiet(f"{strongest} {hidden} The map has {cells} cells of {side} mm.{_choice(reported)}")
    if reported.method in _MEANINGS:
        yield quiet(_MEANINGS[reported.method])


def _choice(reported: ReportedMap) -> str:
    choice = reported.choice
    if choice is None:
        return ""
    if choice.rollout:
        return " Rolled out through all layers."
    layer = "all layers" if choice.layer is None else f"layer {choice.layer}"
    head = "all heads" if choice.head is None else f"head {choice.head}"
    return f" Of {layer}, {head}."
