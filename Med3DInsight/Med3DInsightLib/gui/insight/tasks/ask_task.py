"""Questions about slices of a volume, and their answers in the scene."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ....analysis.describing.requests import AskRequest
from ....analysis.describing.results import Answer
from ....engine.remote_insight import RemoteInsight
from ....engine.signal import Signal
from ....engine.told_parts import piece_told
from ....mrml.insight.questions_node import AnsweredQuestion, ShownSlice, append_question
from ....mrml.volume_nodes import volume_from_node
from ....volumes import SlicePlace
from ...job_in_hand import JobInHand


class AskTask:
    """Asks one question at a time.

    task = AskTask(insight)
    task.on_piece.connect(append)           # text, as it comes
    task.on_answered.connect(show)          # (questions node, Answer)
    task.ask(volume_node, AskRequest(...))
    """

    def __init__(self, insight: RemoteInsight) -> None:
        self.on_piece = Signal()
        self.on_answered = Signal()
        self.on_chosen = Signal()
        self.hand = JobInHand(insight.client)
        self.hand.on_partial.connect(lambda partial: self.on_piece.emit(piece_told(partial)))
        self._insight = insight

    def choose_slices(self, volume_node: Any, request: AskRequest) -> None:
        """Look for the slices that a question would be shown; on_chosen gets node, request and places.

        Nothing is sent to a server. Raises VolumeError if the node cannot be analysed, EngineError if no worker starts;
        so does ask().
        """
        job = self._insight.slices_to_show(request, volume_from_node(volume_node))
        self.hand.take(job, lambda places: self.on_chosen.emit(volume_node, request, places))

    def ask(self, volume_node: Any, request: AskRequest) -> None:
        """Ask, and add question and answer to the history of the volume."""
        asked_at = datetime.now(UTC)

        def done(answer: Answer) -> None:
            kept = AnsweredQuestion(
                request.question, answer.text, answer.source.backend, answer.source.model, shown(answer.shown), asked_at
            )
            self.on_answered.emit(append_question(volume_node, kept), answer)

        self.hand.take(self._insight.ask(request, volume_from_node(volume_node)), done)


def shown(places: Sequence[SlicePlace]) -> tuple[ShownSlice, ...]:
    """Slices as the history of questions keeps them."""
    return tuple(ShownSlice(place.plane, place.index, place.offset_ras_mm) for place in places)
