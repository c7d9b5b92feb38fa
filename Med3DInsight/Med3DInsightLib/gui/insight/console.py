"""What the Python console asks about a volume, without the panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...analysis.classes.classification_result import ClassificationResult
from ...analysis.computing.device import Device
from ...analysis.describing.requests import AskRequest, DescribeRequest
from ...analysis.describing.results import Answer, DescribedSlices
from ...analysis.requests import AttentionRequest, ClassifyRequest, FindRequest
from ...analysis.slices.attention_stack import AttentionStack
from ...analysis.slices.finding import FindResult
from ...engine.job import ClientJob
from ...engine.remote_insight import RemoteInsight
from ...mrml.label_layers import layers_from_segmentation
from ...mrml.volume_nodes import volume_from_node
from ...volumes import Plane, Volume
from ..slicer_engine import SlicerEngine


class InsightConsole:
    """Asks about volume nodes and blocks until the answer is there; the scene is not changed.

        console = InsightConsole(engine)
        console.find(volume_node, "the left kidney", "/models/encoder").best

    Everything raises UserError, in one line that says what to do.
    """

    def __init__(self, engine: SlicerEngine) -> None:
        self._engine = engine

    def classify(self, volume_node: Any, model: str, device: str = "auto") -> ClassificationResult:
        """What the volume is."""
        request = ClassifyRequest(model, Device(device))
        found: ClassificationResult = self._answer(
            lambda insight, volume: insight.classify(request, volume), volume_node
        )
        return found

    def attention(self, volume_node: Any, model: str, plane: str = "axial", device: str = "auto") -> AttentionStack:
        """Where the encoder looks for every slice of a plane."""
        request = AttentionRequest(model, Plane(plane), device=Device(device))
        found: AttentionStack = self._answer(lambda insight, volume: insight.attention(request, volume), volume_node)
        return found

    def find(self, volume_node: Any, phrase: str, model: str, text_tower: str = "", device: str = "auto") -> FindResult:
        """Which slices a phrase fits."""
        request = FindRequest(model, phrase, text_tower=text_tower, device=Device(device))
        found: FindResult = self._answer(lambda insight, volume: insight.find(request, volume), volume_node)
        return found

    def describe(self, volume_node: Any, request: DescribeRequest, segmentation_node: Any = None) -> DescribedSlices:
        """Captions of slices; a segmentation is for sentences about its structures."""
        layers = () if segmentation_node is None else layers_from_segmentation(segmentation_node)
        found: DescribedSlices = self._answer(
            lambda insight, volume: insight.describe(request, volume, layers), volume_node
        )
        return found

    def ask(self, volume_node: Any, request: AskRequest) -> Answer:
        """The answer to a question."""
        found: Answer = self._answer(lambda insight, volume: insight.ask(request, volume), volume_node)
        return found

    def _answer(self, ask: Callable[[RemoteInsight, Volume], ClientJob], volume_node: Any) -> Any:
        return self._engine.client.wait(ask(self._engine.insight, volume_from_node(volume_node)))
