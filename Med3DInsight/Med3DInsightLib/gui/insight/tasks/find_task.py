"""Slices that a phrase fits, as curves in the scene."""

from __future__ import annotations

from typing import Any

from ....analysis.requests import FindRequest, OccludePhraseRequest
from ....analysis.saliency.saliency_map import SaliencyMap
from ....analysis.slices.finding import FindResult
from ....bundles import ModelCard
from ....engine.remote_insight import RemoteInsight
from ....engine.signal import Signal
from ....mrml.insight.curve_nodes import PhraseCurves, SimilarityCurve, show_curves
from ....mrml.insight.overlay_node import show_overlay
from ....mrml.insight.overlay_subject import OverlaySubject
from ...asked_volume import AskedVolume
from ...job_in_hand import JobInHand
from .classes_task import OCCLUSION
from .overlay_turns import OverlayTurns


class FindTask:
    """Looks for one phrase at a time.

    task = FindTask(insight, turns)
    task.on_found.connect(show)             # the ChartNodes of similarities
    task.on_overlay.connect(tell)           # (overlay node, OverlaySubject)
    task.find(volume_node, FindRequest(model, "liver"), card)

    An overlay is not drawn if another one was asked for meanwhile.
    """

    def __init__(self, insight: RemoteInsight, turns: OverlayTurns) -> None:
        self.on_found = Signal()
        self.on_overlay = Signal()
        self.hand = JobInHand(insight.client)
        self.asked = AskedVolume()
        self._insight = insight
        self._turns = turns
        self.hand.on_failed.connect(lambda error: turns.give_back(self))

    def find(self, volume_node: Any, request: FindRequest, card: ModelCard) -> None:
        """Compare a phrase with all slices.

        Raises VolumeError if the node cannot be analysed, EngineError if no worker starts; so does occlude().
        """
        volume = self.asked.read(volume_node)

        def done(found: FindResult) -> None:
            self.on_found.emit(show_curves(volume_node, curves_of(found, card)))

        self.hand.take(self._insight.find(request, volume), done)

    def occlude(self, volume_node: Any, request: OccludePhraseRequest, card: ModelCard) -> None:
        """What in a slice makes it like a phrase, as the overlay of the volume."""
        volume = self.asked.read(volume_node)

        def done(saliency: SaliencyMap) -> None:
            if not self._turns.has(self, volume_node):
                return
            values = saliency.on_grid(volume.grid)
            subject = OverlaySubject(
                OCCLUSION, card.name, card.weights_sha256, request.plane, request.index, target=saliency.subject
            )
            self.on_overlay.emit(show_overlay(volume_node, values, subject), subject)

        self.hand.take(self._insight.occlude_phrase(request, volume), done)
        self._turns.take(self, volume_node)


def curves_of(found: FindResult, card: ModelCard) -> PhraseCurves:
    """What was found as the scene keeps it."""
    curves = tuple(
        SimilarityCurve(
            each.plane,
            tuple(place.index for place in each.places),
            tuple(place.offset_ras_mm for place in each.places),
            tuple(float(similarity) for similarity in each.similarities),
            tuple(float(weight) for weight in each.weights),
        )
        for each in found.planes
    )
    return PhraseCurves(found.phrase, curves, card.name, card.weights_sha256, found.of_vocabulary)
