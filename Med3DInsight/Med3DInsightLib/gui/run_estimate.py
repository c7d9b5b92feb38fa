"""What a run would cost, asked of the worker before the user presses the button."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ..analysis.requests import EstimateRequest
from ..analysis.windows.estimate import Estimate
from ..engine.errors import EngineError, ErrorCode
from ..engine.job import ClientJob
from ..engine.remote_analysis import RemoteAnalysis
from ..engine.signal import Signal
from ..volumes import Grid


class RunEstimate:
    """Keeps a sentence about time and memory up to date with what is chosen.

        estimate = RunEstimate(engine.analysis)
        estimate.on_changed.connect(label.setText)
        estimate.ask(EstimateRequest("brain-structures"), grid)

    The same choice is asked for once; the worker is started and the model loaded by it, so that the run
    itself finds them warm.
    """

    def __init__(self, analysis: RemoteAnalysis) -> None:
        self.on_changed = Signal()
        self._analysis = analysis
        self._asked: Any = None
        self._job: ClientJob | None = None

    def ask(self, request: EstimateRequest, grid: Grid) -> None:
        """Ask for the cost of a run for a volume on grid, unless that is what was asked last."""
        choice = (request, grid.shape_kji, grid.ijk_to_ras.tobytes())
        if choice == self._asked:
            return
        self.forget()
        try:
            job = self._analysis.estimate(request, grid)
        except EngineError as error:
            self.on_changed.emit(str(error))
            return
        self._asked, self._job = choice, job
        self.on_changed.emit(_("Estimating time and memory ..."))
        job.on_finished.connect(self._told)

    def forget(self) -> None:
        """Nothing is chosen any more."""
        job, self._job, self._asked = self._job, None, None
        if job is not None:
            self._analysis.client.cancel(job)
        self.on_changed.emit("")

    def _told(self, job: ClientJob) -> None:
        if job is not self._job:
            return  # another choice was made meanwhile
        self._job = None
        if job.error is None:
            self.on_changed.emit(sentence(job.result))
            return
        self._asked = None  # the same choice may be asked for again
        cancelled = job.error.code == ErrorCode.CANCELLED
        self.on_changed.emit("" if cancelled else _("No estimate: {reason}").format(reason=job.error))


def sentence(estimate: Estimate) -> str:
    """The estimate in words; memory in GB (10^9 bytes)."""
    needed, free = (_gigabytes(size) for size in (estimate.memory_bytes, estimate.available_bytes))
    if estimate.fits:
        told: str = _("About {time} and {needed} of memory; {free} are free.")
    else:
        told = _(
            "About {time} and {needed} of memory, but only {free} are free: close other programs, or expect"
            " smaller windows and a longer run."
        )
    return told.format(time=_duration(estimate.seconds), needed=needed, free=free)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _duration(seconds: float) -> str:
    short = seconds < 90
    unit: str = _("{count} s") if short else _("{count} min")
    return unit.format(count=max(1, round(seconds if short else seconds / 60)))
