"""Comparing two segmentation nodes: from the nodes to a table in the scene."""

from __future__ import annotations

from typing import Any

from Med3DInsightLib.engine.job import ClientJob
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.signal import Signal
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.mrml.label_layers import layers_from_segmentation
from Med3DInsightLib.mrml.table_nodes import table_from_columns

from .structure_table import agreement_columns


class ComparisonTask:
    """One comparison at a time: the worker compares, the table is made when all of it is known.

        task = ComparisonTask(engine.analysis)
        task.on_compared.connect(show_table)   # a vtkMRMLTableNode
        task.on_failed.connect(tell)           # a UserError
        task.start(segmentation_node, reference_node, tolerance_mm=1.0)

    Exactly one of on_compared and on_failed ends a comparison that was started.
    """

    def __init__(self, analysis: RemoteAnalysis) -> None:
        self.on_progress = Signal()
        self.on_compared = Signal()
        self.on_failed = Signal()
        self._analysis = analysis
        self._job: ClientJob | None = None

    @property
    def running(self) -> bool:
        """Whether a comparison is under way."""
        return self._job is not None

    def start(self, segmentation_node: Any, reference_node: Any, tolerance_mm: float) -> None:
        """Compare segments of the same name; distances up to tolerance_mm count as agreement of surfaces.

        Raises VolumeError if a node has no voxels to compare, EngineError if no worker starts.
        """
        layers = [layers_from_segmentation(node) for node in (segmentation_node, reference_node)]
        job = self._analysis.compare(layers[0], layers[1], tolerance_mm)
        job.on_progress.connect(self.on_progress.emit)
        job.on_finished.connect(lambda done: self._compared(done, segmentation_node, reference_node, tolerance_mm))
        self._job = job

    def cancel(self) -> None:
        """Stop the comparison; nothing happens if there is none."""
        if self._job is not None:
            self._analysis.client.cancel(self._job)

    def _compared(self, job: ClientJob, segmentation_node: Any, reference_node: Any, tolerance_mm: float) -> None:
        self._job = None
        scene = segmentation_node.GetScene()
        if job.error is not None:
            self.on_failed.emit(job.error)
        elif scene is None:
            self.on_failed.emit(UserError("the segmentation is no longer in the scene", next_step="load it again"))
        else:
            name = f"{segmentation_node.GetName()} compared with {reference_node.GetName()}"
            columns = agreement_columns(job.result, tolerance_mm)
            self.on_compared.emit(table_from_columns(scene, columns, name, beside=segmentation_node))
