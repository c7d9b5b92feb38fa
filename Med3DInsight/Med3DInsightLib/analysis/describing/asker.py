"""Questions about slices of a volume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ...captions import CaptionError
from ...captions.backends import Finish
from ...captions.inert_text import InertText
from ...volumes import SlicePlace, Volume
from ..computing.progress import Cancellation, Progress, ProgressCallback, ProgressTracker
from ..slices.finding import FindResult
from .inert_pieces import InertPieces
from .opening import Backends
from .relevant import most_relevant
from .requests import AskRequest
from .results import Answer
from .shown import listed_places, pictures_of, question_prompt_of
from .slices_asked import ListedSlices, RelevantSlices

FINDING, ANSWERING = "finding", "answering"
_FINDING_SHARE = 0.5

TellPiece = Callable[[str], object]
"""What is told each piece of an answer, inert, as it comes."""


class FindRelevant(Protocol):
    """How the slices that a question is about are found; AnalysisService does it."""

    def __call__(
        self,
        chosen: RelevantSlices,
        phrase: str,
        volume: Volume,
        progress: ProgressCallback | None,
        cancel: Cancellation | None,
    ) -> FindResult:
        """How well a phrase fits every slice of the chosen planes, to the chosen encoder."""


class QuestionAsker:
    """Shows slices to a model together with a question.

    answer = QuestionAsker(backends, find).ask(request, volume, tell=print)
    """

    def __init__(self, backends: Backends, find: FindRelevant) -> None:
        self._backends = backends
        self._find = find

    def ask(
        self,
        request: AskRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
        tell: TellPiece | None = None,
    ) -> Answer:
        """The answer; tell gets its pieces as they come.

        Raises UserError if there is no whole answer (what was told then is not one), before anything is sent if the
        host was not allowed; VolumeError if there is no such slice; whatever find raises; and
        AnalysisCancelled within a moment after cancel was set.
        """
        listed = isinstance(request.slices, ListedSlices)
        shares = {FINDING: 0.0 if listed else _FINDING_SHARE, ANSWERING: 1.0 - (0.0 if listed else _FINDING_SHARE)}
        tracker = ProgressTracker(shares, progress, cancel)
        tracker.report(FINDING, 0, 1)
        # Before the encoder runs, so that what was not allowed is refused at once.
        model = self._backends.replying(request.backend, question_prompt_of(request), tracker.check)
        places = self.slices_to_show(request, volume, _first_half_of(progress), cancel)
        pictures = pictures_of(request, volume, places)
        tracker.report(ANSWERING, 0, 1)
        reply = model.reply(pictures, InertPieces(tell).hear if tell is not None else _unheard)
        tracker.report(ANSWERING, 1, 1)
        text = InertText.of(reply.text.strip())
        if not text.text:
            raise CaptionError("the answer is empty", next_step="ask in other words, or ask another model")
        complete = reply.finish != Finish.LIMIT and not text.dropped_characters
        return Answer(text.text, complete, model.source, places)

    def slices_to_show(
        self,
        request: AskRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> tuple[SlicePlace, ...]:
        """The slices that the request shows: those that it lists, or the most relevant ones. Nothing is sent."""
        chosen = request.slices
        if isinstance(chosen, ListedSlices):
            return listed_places(chosen, volume)
        phrase = chosen.phrase or request.question
        found = self._find(chosen, phrase, volume, progress, cancel)
        return most_relevant(found, chosen.count, chosen.apart_mm)


def _first_half_of(progress: ProgressCallback | None) -> ProgressCallback | None:
    if progress is None:
        return None
    return lambda report: progress(Progress(report.stage, report.fraction * _FINDING_SHARE, None))


def _unheard(piece: str) -> None:
    """Nobody wants the pieces."""
