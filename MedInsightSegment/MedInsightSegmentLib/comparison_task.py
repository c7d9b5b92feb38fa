"""Comparing two segmentation nodes: from the nodes to a table in the scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slicer.i18n import tr as _

from Med3DInsightLib.analysis.segmentations.comparison import Agreement
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.signal import Signal
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.gui.job_in_hand import JobInHand
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
        self.on_compared = Signal()
        self._hand = JobInHand(analysis.client)
        self.on_progress, self.on_failed = self._hand.on_progress, self._hand.on_failed
        self._analysis = analysis

    @property
    def running(self) -> bool:
        """Whether a comparison is under way."""
        return self._hand.busy

    def start(self, segmentation_node: Any, reference_node: Any, tolerance_mm: float) -> None:
        """Compare segments of the same name; distances up to tolerance_mm count as agreement of surfaces.

        Raises VolumeError if a node has no voxels to compare, EngineError if no worker starts.
        """
        layers = [layers_from_segmentation(node) for node in (segmentation_node, reference_node)]

        def done(agreements: Sequence[Agreement]) -> None:
            scene = segmentation_node.GetScene()
            if scene is None:
                raise UserError(_("the segmentation is no longer in the scene"), next_step=_("load it again"))
            told: str = _("{segmentation} compared with {reference}")
            name = told.format(segmentation=segmentation_node.GetName(), reference=reference_node.GetName())
            columns = agreement_columns(agreements, tolerance_mm)
            self.on_compared.emit(table_from_columns(scene, columns, name, beside=segmentation_node))

        self._hand.take(self._analysis.compare(layers[0], layers[1], tolerance_mm), done)

    def cancel(self) -> None:
        """Stop the comparison; nothing happens if there is none."""
        self._hand.cancel()

    def abandon(self) -> None:
        """Stop the comparison and say nothing more of it: the scene or the panel is about to go."""
        self._hand.abandon()
