"""Everything that the scene knows of a volume, as the content of a report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np

from ....analysis.classes.classification_result import ClassificationResult
from ....analysis.slices.attention_choice import AttentionChoice
from ....analysis.slices.finding import FindResult, PlaneSimilarity
from ....bundles import ModelCard
from ....export.report import (
    ModelReference,
    ReportContent,
    ReportedClasses,
    ReportedFind,
    ReportedMap,
    ReportedQuestion,
    ReportedSegmentation,
)
from ....mrml.images import array_of
from ....mrml.insight import captions_table, class_nodes, curve_nodes, questions_node
from ....mrml.insight.overlay_node import overlay_of
from ....mrml.insight.overlay_subject import subject_of
from ....mrml.insight.result_nodes import result_node
from ....mrml.labelled_segments import labelled_segments, segmentations_of
from ....mrml.volume_nodes import volume_from_node
from ....volumes import Grid, Volume, slice_of
from .attention_task import METHOD

_Part = TypeVar("_Part")


def report_of(volume_node: Any, card: ModelCard | None, segmentation_node: Any = None) -> ReportContent:
    """What is known of a volume now; card is that of the chosen model, if there is one. Nothing is measured yet.

    Segmentations are those that refer to the volume, and segmentation_node, if the user chose one.

    Raises UserError, naming the node, if the volume or a segmentation cannot be read or a result is damaged.
    """
    volume = volume_from_node(volume_node)
    table, text = "vtkMRMLTableNode", "vtkMRMLTextNode"
    captions = result_node(volume_node, table, captions_table.ROLE)
    classes = _part(result_node(volume_node, table, class_nodes.ROLE), _classes)
    maps = _part(overlay_of(volume_node), lambda node: _map(node, volume))
    found = _part(result_node(volume_node, table, curve_nodes.ROLE), lambda node: _found(node, volume.grid))
    questions = result_node(volume_node, text, questions_node.ROLE)
    models = [each.model for each in classes] + [each.model for each in maps] + [each.model for each in found]
    used = {model.weights_sha256 for model in models}
    return ReportContent(
        volume,
        volume_node.GetName(),
        datetime.now(UTC),
        cards=(card,) if card is not None and card.weights_sha256 in used else (),
        classes=classes,
        maps=maps,
        segmentations=tuple(
            _segmentation(node, volume_node, volume) for node in _segmentations(volume_node, segmentation_node)
        ),
        captions=() if captions is None else tuple(captions_table.captions_of_table(captions)),
        found=found,
        questions=() if questions is None else _questions(questions, volume.grid),
    )


def _part(node: Any, read: Callable[[Any], _Part]) -> tuple[_Part, ...]:
    return () if node is None else (read(node),)


def _segmentations(volume_node: Any, chosen: Any) -> list[Any]:
    found = segmentations_of(volume_node)
    return found if chosen is None or chosen in found else [*found, chosen]


def _segmentation(node: Any, volume_node: Any, volume: Volume) -> ReportedSegmentation:
    labels, segments = labelled_segments(node, volume_node)
    return ReportedSegmentation(node.GetName(), labels, tuple(segments), volume)


def _classes(table: Any) -> ReportedClasses:
    found = class_nodes.classes_of_table(table)
    result = ClassificationResult(dict(found.probabilities), found.unlikeness, device="", seconds={})
    return ReportedClasses(ModelReference(found.bundle, found.bundle_sha256), result)


def _map(node: Any, volume: Volume) -> ReportedMap:
    subject = subject_of(node)
    place = None
    if subject.plane is not None and subject.index is not None:
        place = slice_of(volume.grid, subject.plane, subject.index)
    choice = AttentionChoice(subject.layer, subject.head, subject.rollout) if subject.method == METHOD else None
    model = ModelReference(subject.bundle, subject.bundle_sha256)
    return ReportedMap(subject.method, subject.target, model, array_of(node.GetImageData()), volume.grid, place, choice)


def _found(table: Any, grid: Grid) -> ReportedFind:
    curves = curve_nodes.curves_of_table(table)
    planes = tuple(
        PlaneSimilarity(
            curve.plane,
            tuple(slice_of(grid, curve.plane, index) for index in curve.indices),
            np.array(curve.similarities, np.float32),
            np.array(curve.weights, np.float32),
        )
        for curve in curves.curves
    )
    model = ModelReference(curves.bundle, curves.bundle_sha256)
    return ReportedFind(model, FindResult(curves.phrase, curves.of_vocabulary, planes))


def _questions(text: Any, grid: Grid) -> tuple[ReportedQuestion, ...]:
    return tuple(
        ReportedQuestion(
            each.question,
            each.answer,
            each.backend,
            each.model,
            tuple(slice_of(grid, shown.plane, shown.index) for shown in each.slices),
            each.asked_at,
        )
        for each in questions_node.questions_of(text)
    )
