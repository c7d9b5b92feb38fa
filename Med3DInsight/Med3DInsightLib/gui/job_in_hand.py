"""The one request that a section of a panel is waiting for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from slicer.i18n import tr as _

from ..engine.client import EngineClient
from ..engine.errors import EngineError, ErrorCode
from ..engine.job import ClientJob
from ..engine.messages import ProgressMessage
from ..engine.signal import Signal
from ..errors import UserError
from .words import stage_text


class JobInHand:
    """Follows one job at a time; what an abandoned one answers is not heard.

        hand = JobInHand(client)
        hand.on_progress.connect(show)          # a ProgressMessage
        hand.on_failed.connect(tell)            # a UserError
        hand.take(insight.classify(request, volume), show_classes)

    done gets the result on the thread that delivers. If it raises, such as for a volume that has left the scene
    meanwhile, that is the failure of the job, and what done has taken is abandoned; else on_done follows. Exactly one
    of on_failed and on_done ends a job that is not abandoned. on_changed tells when busy has changed.
    """

    def __init__(self, client: EngineClient) -> None:
        self.on_progress = Signal()
        self.on_partial = Signal()
        self.on_done = Signal()
        self.on_changed = Signal()
        self.on_failed = Signal()
        self.on_abandoned = Signal()
        self._client = client
        self._job: ClientJob | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    def take(self, job: ClientJob, done: Callable[[Any], object]) -> None:
        """Follow job from now on, and give its result to done; one that is under way is abandoned."""
        self._let_go()
        self._job = job
        self.on_changed.emit()
        job.on_progress.connect(lambda message: self._pass_on(job, self.on_progress, message))
        job.on_partial.connect(lambda message: self._pass_on(job, self.on_partial, message))
        job.on_finished.connect(lambda finished: self._finished(finished, done))

    def cancel(self) -> None:
        """Ask the worker to stop; on_failed tells when it has. Nothing happens if there is no job."""
        if self._job is not None:
            self._client.cancel(self._job)

    def abandon(self) -> None:
        """Ask the worker to stop, and hear no more of it: the scene or the panel is about to go.

        on_abandoned tells it to who waits for the end of the job.
        """
        if self._let_go():
            self.on_abandoned.emit()

    def _let_go(self) -> bool:
        """Stop the job that is under way, if any; whether there was one."""
        job, self._job = self._job, None
        if job is None:
            return False
        self._client.cancel(job)
        self.on_changed.emit()
        return True

    def _pass_on(self, job: ClientJob, signal: Signal, message: Any) -> None:
        if job is self._job:
            signal.emit(message)

    def _finished(self, job: ClientJob, done: Callable[[Any], object]) -> None:
        if job is not self._job:
            return
        self._job = None
        self.on_changed.emit()
        try:
            if job.error is not None:
                raise job.error
            done(job.result)
        except Exception as error:
            self._let_go()
            self.on_failed.emit(as_failure(error))
        else:
            self.on_done.emit()


def as_failure(error: Exception) -> UserError:
    """What to tell the user of anything that was raised; a defect of ours is logged, with where it is."""
    if isinstance(error, UserError):
        return error
    logging.error("Something that was not expected", exc_info=error)
    cause = _("this failed in an unexpected way ({kind}: {error})").format(kind=type(error).__name__, error=error)
    return UserError(cause, next_step=_("look for details in the log (View > Error Log), and report them"))


def failure_text(error: UserError) -> str:
    """What went wrong and what to do, in one line; less if the user only stopped something."""
    stopped: str = _("Cancelled.")
    return stopped if was_cancelled(error) else str(error)


def was_cancelled(error: UserError) -> bool:
    """Whether a job ended because the user wanted it."""
    return isinstance(error, EngineError) and error.code == ErrorCode.CANCELLED


def progress_text(progress: ProgressMessage) -> str:
    """How far a job is, and how long it will take where that is known."""
    told: str = _("{stage}, {percent} %{left}")
    left = time_left_text(progress.seconds_left)
    return told.format(stage=stage_text(progress.stage), percent=round(100 * progress.fraction), left=left)


def time_left_text(seconds: float | None) -> str:
    """The end of a sentence about progress; nothing where the time is not known."""
    told: str = _(", {time} left")
    return "" if seconds is None else told.format(time=timedelta(seconds=round(seconds)))
