"""Captions of a volume by a backend, as rows of its table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ....analysis.describing.backend_choice import LabelMapSentences
from ....analysis.describing.requests import DescribeRequest
from ....analysis.describing.results import DescribedSlices
from ....captions.label_maps.label_map_source import LabelMapSource
from ....captions.pictures.same_windows import drawn_alike
from ....captions.record import Caption, CaptionKey
from ....captions.reviewing import ReviewedCaption
from ....engine.remote_insight import RemoteInsight
from ....engine.signal import Signal
from ....engine.told_parts import caption_told
from ....errors import UserError
from ....mrml.insight.captions_table import captions_of_table, captions_table
from ....mrml.insight.result_nodes import result_node
from ....mrml.label_layers import layers_from_segmentation
from ....mrml.volume_nodes import volume_from_node
from ....volumes import Volume
from ...job_in_hand import JobInHand

_LOG = logging.getLogger(__name__)


class CaptionsTask:
    """Lets one backend describe one volume at a time.

        task = CaptionsTask(insight)
        task.on_described.connect(show)         # (captions table node, DescribedSlices)
        task.describe(volume_node, DescribeRequest(LabelMapSentences()), segmentation_node)

    Sentences about structures have the segmentation as their source, with what it held when they were made. If it is
    cancelled or fails, on_described tells of what came before, and hand.on_failed follows.
    """

    def __init__(self, insight: RemoteInsight) -> None:
        self.on_described = Signal()
        self.hand = JobInHand(insight.client)
        self._insight = insight
        self._volume_node: Any = None
        self._came: dict[CaptionKey, Caption] = {}
        self._label_maps: LabelMapSource | None = None
        self.hand.on_partial.connect(lambda partial: self._note(caption_told(partial)))
        self.hand.on_failed.connect(self._keep_what_came)

    def describe(self, volume_node: Any, request: DescribeRequest, segmentation_node: Any = None) -> None:
        """Describe slices of a volume node; a segmentation is for sentences about its structures.

        A model is not shown again what it has described, in the same window, in the table of the volume. Raises
        VolumeError if a node cannot be analysed, CaptionError for a damaged table, EngineError if no worker starts.
        """
        volume = volume_from_node(volume_node)
        layers = () if segmentation_node is None else layers_from_segmentation(segmentation_node)
        label_maps = LabelMapSource.of(segmentation_node.GetName(), layers) if layers else None
        if not isinstance(request.backend, LabelMapSentences):  # which costs nothing, and the labels may be others now
            request = replace(request, described=_described(volume_node, volume, request))

        def done(described: DescribedSlices) -> None:
            captions = tuple(map(self._sourced, described.captions))
            self.on_described.emit(self._added(captions), replace(described, captions=captions))

        self.hand.take(self._insight.describe(request, volume, layers), done)
        self._volume_node, self._came, self._label_maps = volume_node, {}, label_maps

    def _sourced(self, caption: Caption) -> Caption:
        return caption if self._label_maps is None else self._label_maps.named(caption)

    def _added(self, captions: Sequence[Caption]) -> Any:
        outdated = (lambda caption: False) if self._label_maps is None else self._label_maps.replaces
        return add_captions(self._volume_node, captions, outdated)

    def _note(self, caption: Caption) -> None:
        caption = self._sourced(caption)
        self._came[caption.key] = caption

    def _keep_what_came(self, error: UserError) -> None:
        came, self._came = tuple(self._came.values()), {}
        if not came or self._volume_node.GetScene() is None:
            return
        try:
            table = self._added(came)
        except UserError as damaged:  # the failure itself is what the user hears of
            _LOG.warning("%d captions were not kept: %s", len(came), damaged)
        else:
            self.on_described.emit(table, DescribedSlices(came))


def _described(volume_node: Any, volume: Volume, request: DescribeRequest) -> tuple[Caption, ...]:
    table = table_of_captions(volume_node)
    known = () if table is None else tuple(each.own for each in captions_of_table(table))
    return drawn_alike(known, volume, request.pictures)


def table_of_captions(volume_node: Any) -> Any:
    """The table with captions of a volume; None if it has none."""
    return result_node(volume_node, "vtkMRMLTableNode", "captions")


def add_captions(
    volume_node: Any,
    captions: Sequence[Caption | ReviewedCaption],
    outdated: Callable[[Caption], bool] = lambda caption: False,
) -> Any:
    """Add captions to those of a volume and return the table node, sorted by plane and slice.

    What the user has edited or accepted stays, under its own source; an untouched text of the same slice and source is
    replaced, and one that is outdated removed.
    Raises CaptionError for a damaged table, VolumeError if the volume has left the scene.
    """
    node = table_of_captions(volume_node)
    known = captions_of_table(node) if node is not None else []
    before = {each.own.key: each for each in known if _is_touched(each) or not outdated(each.own)}
    new = [each if isinstance(each, ReviewedCaption) else ReviewedCaption.of(each) for each in captions]
    for each in new:
        old = before.get(each.own.key)
        if old is None or not _is_touched(old):
            before[each.own.key] = each
    together = sorted(before.values(), key=lambda each: (each.own.plane, each.own.index))
    return captions_table(volume_node, together)


def _is_touched(reviewed: ReviewedCaption) -> bool:
    """Whether the user has accepted or edited a caption."""
    return reviewed.accepted or reviewed.text != reviewed.own.text
