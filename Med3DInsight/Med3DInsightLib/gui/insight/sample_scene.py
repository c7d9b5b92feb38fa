"""The sample volume with everything that works without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...analysis.requests import SegmentRequest
from ...analysis.segmentations.segmentation_result import SegmentationResult
from ...engine.remote_analysis import RemoteAnalysis
from ...mrml.segmentation_nodes import segmentation_from_result
from ...mrml.volume_nodes import volume_from_node
from ..job_in_hand import JobInHand
from ..sample_data import load_sample
from .tasks.analysis_run import RunStep

_SEGMENTING = "brain-structures"

_FILL = 0.15
"""Structures are outlined, so that attention can be seen below them."""


class SampleScene:
    """Makes a segmentation of the sample, whose structures captions tell about.

    sample = SampleScene(engine.analysis)
    steps = [sample.step(sample.load(), choose)]
    """

    def __init__(self, analysis: RemoteAnalysis) -> None:
        self.hand = JobInHand(analysis.client)
        self._analysis = analysis

    def load(self) -> Any:
        """The volume node of the sample; nothing is downloaded."""
        return load_sample()

    def step(self, volume_node: Any, choose: Callable[[Any], object]) -> RunStep:
        """Segment a volume; choose gets the segmentation node."""

        def done(result: SegmentationResult) -> None:
            node = segmentation_from_result(volume_node, result)
            node.GetDisplayNode().SetOpacity2DFill(_FILL)
            choose(node)

        def begin() -> None:
            request = SegmentRequest(_SEGMENTING)
            self.hand.take(self._analysis.segment(request, volume_from_node(volume_node)), done)

        return RunStep(_("Segmenting"), self.hand, begin)
