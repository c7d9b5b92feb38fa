"""Segmenting a volume node: from the node to a segmentation and a table in the scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slicer.i18n import tr as _

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.analysis.segmentations.segmentation_result import SegmentationResult
from Med3DInsightLib.analysis.segmentations.structure_statistics import StructureStatistics
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.signal import Signal
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.gui.asked_volume import AskedVolume
from Med3DInsightLib.gui.job_in_hand import JobInHand
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_result
from Med3DInsightLib.mrml.table_nodes import table_from_columns
from Med3DInsightLib.volumes import Volume

from .structure_table import statistics_columns


class SegmentationTask:
    """One run at a time: the worker segments, the result is imported when complete, then it is measured.

        task = SegmentationTask(engine.analysis)
        task.on_segmented.connect(show)        # a vtkMRMLSegmentationNode
        task.on_measured.connect(show_table)   # a vtkMRMLTableNode
        task.on_failed.connect(tell)           # a UserError
        task.start(volume_node, SegmentRequest("brain-structures"))

    Exactly one of on_measured and on_failed ends a run that was started.
    """

    def __init__(self, analysis: RemoteAnalysis) -> None:
        self.on_segmented = Signal()
        self.on_measured = Signal()
        self.asked = AskedVolume()
        self._hand = JobInHand(analysis.client)
        self.on_progress, self.on_failed = self._hand.on_progress, self._hand.on_failed
        self._analysis = analysis

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._hand.busy

    def start(self, volume_node: Any, request: SegmentRequest, into: Any = None) -> None:
        """Segment volume_node into a new node, or into the segmentation the user chose.

        Raises VolumeError if the node cannot be segmented, EngineError if no worker starts.
        """
        volume = self.asked.read(volume_node)

        def done(result: SegmentationResult) -> None:
            node = segmentation_from_result(volume_node, result, into)
            self._measure(result, volume, volume_node)
            self.on_segmented.emit(node)

        self._hand.take(self._analysis.segment(request, volume), done)

    def cancel(self) -> None:
        """Stop the run; nothing happens if there is none."""
        self._hand.cancel()

    def abandon(self) -> None:
        """Stop the run and say nothing more of it: the scene or the panel is about to go."""
        self._hand.abandon()

    def _measure(self, result: SegmentationResult, volume: Volume, volume_node: Any) -> None:
        def done(statistics: Sequence[StructureStatistics]) -> None:
            scene = volume_node.GetScene()
            if scene is None:
                raise UserError(_("the volume is no longer in the scene"), next_step=_("load it again"))
            columns = statistics_columns(statistics)
            name = _("{volume} structures").format(volume=volume_node.GetName())
            self.on_measured.emit(table_from_columns(scene, columns, name, beside=volume_node))

        self._hand.take(self._analysis.measure(result.labels, volume, result.segments), done)
