"""Segmenting a folder: from what was chosen to the table of all cases."""

from __future__ import annotations

from pathlib import Path

from Med3DInsightLib.batch.cases import SUMMARY_FILE
from Med3DInsightLib.batch.request import BatchRequest
from Med3DInsightLib.batch.summary_file import read_summary
from Med3DInsightLib.engine.job import ClientJob
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.signal import Signal
from Med3DInsightLib.errors import UserError


class FolderTask:
    """One run at a time; results are files, so it goes on whatever happens to the scene.

        task = FolderTask(engine.analysis)
        task.on_summary.connect(show)      # a Summary, as far as the run came, and the input folder
        task.on_done.connect(tell)         # Counts
        task.on_failed.connect(tell)       # a UserError, also when it was cancelled
        task.start(BatchRequest(folder, output, request))

    Exactly one of on_done and on_failed ends a run; on_summary comes before, if the run wrote a table.
    """

    def __init__(self, analysis: RemoteAnalysis) -> None:
        self.on_progress = Signal()
        self.on_summary = Signal()
        self.on_done = Signal()
        self.on_failed = Signal()
        self._analysis = analysis
        self._job: ClientJob | None = None

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._job is not None

    def start(self, request: BatchRequest) -> None:
        """Segment the cases of a folder; raises EngineError if no worker starts."""
        table = request.output / SUMMARY_FILE
        before = _written_at(table)
        job = self._analysis.batch(request)
        job.on_progress.connect(self.on_progress.emit)
        job.on_finished.connect(lambda done: self._finished(done, request.folder, table, before))
        self._job = job

    def cancel(self) -> None:
        """Stop the run; nothing happens if there is none."""
        if self._job is not None:
            self._analysis.client.cancel(self._job)

    def close(self) -> None:
        """Stop the run and tell nobody: who wanted to know is about to be deleted."""
        job, self._job = self._job, None
        if job is not None:
            self._analysis.client.cancel(job)

    def _finished(self, job: ClientJob, folder: Path, table: Path, before: int | None) -> None:
        if job is not self._job:
            return  # closed
        self._job = None
        try:
            if _written_at(table) != before and (summary := read_summary(table)) is not None:
                self.on_summary.emit(summary, folder)
            if job.error is not None:
                raise job.error
        except UserError as error:
            self.on_failed.emit(error)
        else:
            self.on_done.emit(job.result)


def _written_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
