"""Segmenting a volume node: from the node to a segmentation and a table in the scene."""

from __future__ import annotations

from typing import Any

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.analysis.segmentation_result import SegmentationResult
from Med3DInsightLib.engine.job import ClientJob
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.signal import Signal
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_result
from Med3DInsightLib.mrml.table_nodes import table_from_columns
from Med3DInsightLib.mrml.volume_nodes import volume_from_node
from Med3DInsightLib.volumes import Volume

from .structure_table import statistics_columns


class SegmentationTask:
    """One run at a time: the worker segments, the result is imported when complete, then it is measured.

        task = SegmentationTask(engine.analysis)
        task.on_segmented.connect(show)        # a vtkMRMLSegmentationNode
        task.on_measured.connect(show_table)   # a vtkMRMLTableNode
        task.on_failed.connect(tell)           # a UserError
        task.start(volume_node, SegmentRequest("brain-tissue"))

    Exactly one of on_measured and on_failed ends a run that was started.
    """

    def __init__(self, analysis: RemoteAnalysis) -> None:
        self.on_progress = Signal()
        self.on_segmented = Signal()
        self.on_measured = Signal()
        self.on_failed = Signal()
        self._analysis = analysis
        self._job: ClientJob | None = None

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._job is not None

    def start(self, volume_node: Any, request: SegmentRequest, into: Any = None) -> None:
        """Segment volume_node into a new node, or into the segmentation the user chose.

        Raises VolumeError if the node cannot be segmented, EngineError if no worker starts.
        """
        volume = volume_from_node(volume_node)
        job = self._analysis.segment(request, volume)
        job.on_progress.connect(self.on_progress.emit)
        job.on_finished.connect(lambda done: self._segmented(done, volume_node, volume, into))
        self._job = job

    def cancel(self) -> None:
        """Stop the run; nothing happens if there is none."""
        if self._job is not None:
            self._analysis.client.cancel(self._job)

    def _segmented(self, job: ClientJob, volume_node: Any, volume: Volume, into: Any) -> None:
        self._job = None
        try:
            if job.error is not None:
                raise job.error
            result: SegmentationResult = job.result
            node = segmentation_from_result(volume_node, result, into)
            self._job = self._analysis.measure(result.labels, volume, result.segments)
        except UserError as error:
            self.on_failed.emit(error)
            return
        self._job.on_finished.connect(lambda done: self._measured(done, volume_node))
        self.on_segmented.emit(node)

    def _measured(self, job: ClientJob, volume_node: Any) -> None:
        self._job = None
        scene = volume_node.GetScene()
        if job.error is not None:
            self.on_failed.emit(job.error)
        elif scene is None:
            self.on_failed.emit(UserError("the volume is no longer in the scene", next_step="load it again"))
        else:
            columns, name = statistics_columns(job.result), f"{volume_node.GetName()} structures"
            self.on_measured.emit(table_from_columns(scene, columns, name, beside=volume_node))
