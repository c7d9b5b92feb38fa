"""A report as JSON: the same facts as on the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...bundles import ModelCard
from ...captions.reviewing import ReviewedCaption
from ...volumes import SlicePlace
from ..insight_facts import classes_facts, found_facts
from ..provenance import NOTICE, file_facts, versions, volume_facts
from .content import ReportContent, ReportedQuestion
from .model_reference import ModelReference
from .reported_map import ReportedMap
from .reported_segmentation import ReportedSegmentation

SCHEMA_VERSION = 1
"""Of report.json; it grows when an entry changes its meaning or goes."""


def report_json(content: ReportContent) -> dict[str, Any]:
    """Everything that the page tells, except for the pictures; positions are RAS in mm, indices count from 0."""
    return {
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "created_at": content.created_at.isoformat(),
        "volume": _volume(content),
        "models": [_card(card) for card in content.cards],
        "classes": [{"model": asdict(each.model), **classes_facts(each.result)} for each in content.classes],
        "segmentations": [_segmentation(each) for each in content.segmentations],
        "captions": [_caption(each) for each in content.captions],
        "maps": [_map(each, content) for each in content.maps],
        "found": [{"model": asdict(each.model), **found_facts(each.found)} for each in content.found],
        "questions": [_question(each) for each in content.questions],
        "versions": versions(),
    }


def _volume(content: ReportContent) -> dict[str, Any]:
    source = {} if content.source is None else file_facts(content.source)
    return {"name": content.name, **source, **volume_facts(content.volume)}


def _card(card: ModelCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "version": card.version,
        "title": card.title,
        "description": card.description,
        "modalities": list(card.modalities),
        "weights_sha256": card.weights_sha256,
        "trained_on": card.trained_on,
        "licence": card.licence,
        "citation": card.citation,
        "observations": list(card.observations),
        "results": [asdict(result) for result in card.results],
        "teacher": card.teacher,
    }


def _segmentation(reported: ReportedSegmentation) -> dict[str, Any]:
    codes = {segment.label_value: segment.type.value for segment in reported.segments}
    rows = [{**asdict(row), "snomed_ct": codes.get(row.label_value, "")} for row in reported.statistics]
    return {"name": reported.name, "model": _model(reported.model), "structures": rows}


def _caption(reviewed: ReviewedCaption) -> dict[str, Any]:
    current, own = reviewed.current, reviewed.own
    return {
        "plane": str(own.plane),
        "index": own.index,
        "position_mm": own.position_mm,
        "text": reviewed.text,
        "own_text": own.text,
        "origin": str(reviewed.origin),
        "accepted": reviewed.accepted,
        "score": current.score,
        "flags": [str(flag) for flag in current.flags],
        "backend": own.backend,
        "model": own.model,
        "model_revision": own.model_revision,
        "prompt": own.prompt,
    }


def _map(reported: ReportedMap, content: ReportContent) -> dict[str, Any]:
    return {
        "method": reported.method,
        "subject": reported.subject,
        "model": asdict(reported.model),
        "asked_about": None if reported.place is None else _slice(reported.place),
        "choice": None if reported.choice is None else asdict(reported.choice),
        "cells_ijk": list(reported.grid.shape_ijk),
        "cell_size_mm": _rounded(reported.grid.spacing_ijk_mm),
        "highest": float(reported.values_kji.max()),
        "strongest_ras_mm": _rounded(reported.strongest_ras_mm),
        "slices_shown": _slices(reported.shown_slices(content.volume.grid)),
    }


def _question(asked: ReportedQuestion) -> dict[str, Any]:
    return {
        "question": asked.question,
        "answer": asked.answer,
        "backend": asked.backend,
        "model": asked.model,
        "asked_at": None if asked.asked_at is None else asked.asked_at.isoformat(),
        "slices_shown": _slices(asked.slices),
    }


def _slices(places: Iterable[SlicePlace]) -> list[dict[str, Any]]:
    return [_slice(place) for place in places]


def _slice(place: SlicePlace) -> dict[str, Any]:
    return {
        "plane": str(place.plane),
        "index": place.index,
        "count": place.count,
        "position_ras_mm": _rounded(place.position_ras_mm),
    }


def _rounded(values_mm: ArrayLike) -> list[float]:
    return [round(float(mm), 3) for mm in np.ravel(values_mm)]


def _model(model: ModelReference | None) -> dict[str, Any] | None:
    return None if model is None else asdict(model)
