"""A small volume, everything that can be told of it, and pages taken apart."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
from PIL import Image
from Testing.unit.captions.parts import a_caption
from Testing.unit.volumes.strategies import grid_of

from Med3DInsightLib.analysis.classes.classification_result import ClassificationResult
from Med3DInsightLib.analysis.saliency.saliency_map import SaliencyMap
from Med3DInsightLib.analysis.slices.attention_choice import AttentionChoice
from Med3DInsightLib.analysis.slices.attention_stack import AttentionStack
from Med3DInsightLib.analysis.slices.finding import FindResult, PlaneSimilarity
from Med3DInsightLib.captions import Flag
from Med3DInsightLib.captions.reviewing import ReviewedCaption
from Med3DInsightLib.export.report import (
    ModelReference,
    ReportContent,
    ReportedClasses,
    ReportedFind,
    ReportedMap,
    ReportedQuestion,
    ReportedSegmentation,
)
from Med3DInsightLib.volumes import Modality, Plane, Volume, slice_of, slices_of
from Med3DInsightLib.volumes.files.source_files import Fingerprint

PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def a_small_volume(codes="RAS"):
    grid = grid_of(codes, (8, 10, 12), (2.0, 3.0, 4.0))
    return Volume(np.random.default_rng(0).integers(0, 100, grid.shape_kji).astype(np.int16), grid, Modality.MR)


def a_bare_content(**parts):
    return ReportContent(a_small_volume(), "head.nii.gz", WHEN, **parts)


def a_map(grid, place_kji=(2, 3, 4)):
    values = np.zeros(grid.shape_kji, np.float32)
    values[place_kji] = 0.5
    return SaliencyMap("T1", values, grid)


def an_attention(grid, index=3):
    values = a_map(grid).values_kji[None]
    return AttentionStack((slice_of(grid, Plane.AXIAL, index),), values, grid, AttentionChoice(layer=1), 1)


def a_find(grid, phrase="the left kidney"):
    generator = np.random.default_rng(1)
    planes = []
    for plane in PLANES:
        places = slices_of(grid, plane)
        similarities = generator.uniform(0, 0.4, len(places)).astype(np.float32)
        weights = np.exp(similarities / np.float32(0.05))
        planes.append(PlaneSimilarity(plane, places, similarities, weights / weights.sum()))
    return FindResult(phrase, True, tuple(planes))


def reviewed_captions():
    flagged = a_caption(index=2, text="The spleen.", score=0.25, flags=(Flag.WRONG_PLANE, Flag.CUT_OFF))
    return (
        ReviewedCaption.of(a_caption(index=2), accepted=True),
        ReviewedCaption.of(replace(flagged, model="another model")),
        ReviewedCaption.of(a_caption(plane=Plane.CORONAL, index=4)).edited("What the user wrote."),
    )


def a_full_content(card, name="head.nii.gz", words="plain words"):
    """Something in every part of a report; words come wherever texts of others do."""
    volume = a_small_volume()
    model = ModelReference.of(card)
    labels = np.zeros(volume.grid.shape_kji, np.uint8)
    labels[2:6, 2:7, 3:9] = 1
    segments = tuple(replace(each, name=f"{each.name} {words}") for each in card.segments)
    captions = tuple(each.edited(f"{each.text} {words}") for each in reviewed_captions())
    place = slice_of(volume.grid, Plane.SAGITTAL, 5)
    return ReportContent(
        volume,
        name,
        WHEN,
        Fingerprint(name, 1234, "ab" * 32),
        cards=(card,),
        classes=(ReportedClasses(model, ClassificationResult({f"T1 {words}": 0.75, "T2": 0.25}, 0.995, "cpu", {})),),
        maps=(
            ReportedMap.of_saliency("Grad-CAM", replace(a_map(volume.grid), subject=words), model),
            ReportedMap.of_attention(an_attention(volume.grid), 3, model),
        ),
        captions=captions,
        found=(ReportedFind(model, a_find(volume.grid, words)),),
        segmentations=(ReportedSegmentation(words, volume.with_array(labels), segments, volume, model),),
        questions=(ReportedQuestion(f"What is it? {words}", f"A head. {words}", words, words, (place,), WHEN),),
    )


def pixels_of(png):
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


class Page(HTMLParser):
    """The tags of a page in their order, with their attributes, and the text that is shown."""

    def __init__(self, html):
        super().__init__()
        self.tags, self._text = [], []
        self.feed(html.decode("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self._text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def shown(self):
        """All texts but the style sheet, which is the second in the head."""
        return "\n".join(text for text in self._text if ":root {" not in text)
