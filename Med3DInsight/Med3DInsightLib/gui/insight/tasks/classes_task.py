"""What a volume is, and what in it speaks for a class, as nodes of the scene."""

from __future__ import annotations

from typing import Any

from ....analysis.classes.classification_result import ClassificationResult
from ....analysis.requests import ExplainClassRequest, OccludeClassRequest
from ....analysis.saliency.explained_classification import ExplainedClassification
from ....analysis.saliency.saliency_map import SaliencyMap
from ....bundles import ModelCard
from ....engine.remote_insight import RemoteInsight
from ....engine.signal import Signal
from ....mrml.insight.class_nodes import ClassProbabilities, show_classes
from ....mrml.insight.overlay_node import show_overlay
from ....mrml.insight.overlay_subject import OverlaySubject
from ....volumes import Grid
from ...asked_volume import AskedVolume
from ...job_in_hand import JobInHand
from .overlay_turns import OverlayTurns

GRAD_CAM, OCCLUSION = "Grad-CAM", "occlusion"


class ClassesTask:
    """Asks one model about one volume at a time.

    task = ClassesTask(insight, turns)
    task.on_classes.connect(show)           # the ChartNodes of probabilities
    task.on_overlay.connect(tell)           # (overlay node, OverlaySubject)
    task.explain(volume_node, ExplainClassRequest(model), card)

    An overlay is not drawn if another one was asked for meanwhile.
    """

    def __init__(self, insight: RemoteInsight, turns: OverlayTurns) -> None:
        self.on_classes = Signal()
        self.on_overlay = Signal()
        self.hand = JobInHand(insight.client)
        self.asked = AskedVolume()
        self._insight = insight
        self._turns = turns
        self.hand.on_failed.connect(lambda error: turns.give_back(self))

    def explain(self, volume_node: Any, request: ExplainClassRequest, card: ModelCard) -> None:
        """Probabilities, and the Grad-CAM of a class as the overlay of the volume.

        Raises VolumeError if the node cannot be analysed, EngineError if no worker starts; so does occlude().
        """
        volume = self.asked.read(volume_node)

        def done(explained: ExplainedClassification) -> None:
            self.show(volume_node, explained.result, card)
            self._overlay(volume_node, volume.grid, explained.saliency, GRAD_CAM, card)

        self.hand.take(self._insight.explain_class(request, volume), done)
        self._turns.take(self, volume_node)

    def occlude(self, volume_node: Any, request: OccludeClassRequest, card: ModelCard) -> None:
        """What a class loses where parts are hidden, as the overlay of the volume."""
        volume = self.asked.read(volume_node)

        def done(saliency: SaliencyMap) -> None:
            self._overlay(volume_node, volume.grid, saliency, OCCLUSION, card)

        self.hand.take(self._insight.occlude_class(request, volume), done)
        self._turns.take(self, volume_node)

    def show(self, volume_node: Any, result: ClassificationResult, card: ModelCard) -> None:
        """Put probabilities into the scene; raises VolumeError if the volume has left it."""
        shown = ClassProbabilities(result.probabilities, result.unlikeness, None, card.name, card.weights_sha256)
        self.on_classes.emit(show_classes(volume_node, shown))

    def _overlay(self, volume_node: Any, grid: Grid, saliency: SaliencyMap, method: str, card: ModelCard) -> None:
        if not self._turns.has(self, volume_node):
            return
        subject = OverlaySubject(method, card.name, card.weights_sha256, target=saliency.subject)
        node = show_overlay(volume_node, saliency.on_grid(grid), subject)
        self.on_overlay.emit(node, subject)
