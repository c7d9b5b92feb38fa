"""Segmenting the cases of a folder."""

from __future__ import annotations

import logging
import threading
import traceback

from ..analysis.computing.progress import AnalysisCancelled, Cancellation, Progress, ProgressCallback, ProgressTracker
from ..bundles import Bundle
from ..errors import UserError, printable
from ..storage import remove_unfinished, sole_run
from .case_run import CaseFailed, CaseRun, SegmentFunction
from .case_search import CaseSearch
from .cases import SUMMARY_FILE
from .earlier_result import EarlierResult
from .planning import PlannedCase, plan_cases
from .request import BatchRequest
from .run_table import RunTable
from .summary import CaseRow, Status, Summary

_LOG = logging.getLogger(__name__)
_STEPS = 1000


class BatchRun:
    """Segments every case that has no current result, and keeps the table of all cases.

        request = BatchRequest(Path("scans"), Path("results"), SegmentRequest("brain-structures"))
        find = InstalledModels().find
        run = BatchRun(request, find("brain-structures"), AnalysisService(find).segment)
        run.run(progress=print).counts()         # Counts(done=12, skipped=7, failed=1)

    results/summary.csv lists all cases from the start and is replaced after every case, so that a stop at
    any moment, by whatever means, loses only the case that was being computed.
    """

    def __init__(self, request: BatchRequest, bundle: Bundle, segment: SegmentFunction) -> None:
        self._request = request
        self._bundle = bundle
        self._case_run = CaseRun(request, bundle.card, segment)

    def run(self, progress: ProgressCallback | None = None, cancel: Cancellation | None = None) -> Summary:
        """Do it; progress names the case and tells the fraction and the seconds left of all that is to compute.

        A case that fails is a row with its error. Raises UserError for what would befall every case,
        AnalysisCancelled if cancel was set; what was complete by then stays.
        """
        request, cancel = self._request, cancel or threading.Event()
        cases = CaseSearch(request.folder, request.output, request.pattern).cases()
        titles = [f"{n} of {len(cases)}: {printable(case.path.name)}" for n, case in enumerate(cases, start=1)]

        def tell(index: int) -> None:
            _stop_if(cancel)
            if progress is not None:
                progress(Progress(f"checking {titles[index]}", 0.0, None))

        self._bundle.verify_weights()
        card = self._bundle.card
        with sole_run(request.output):
            planned = dict(zip(titles, plan_cases(cases, request, card, tell), strict=True))
            names = {case.name for case in cases}
            table = RunTable.open(request.output / SUMMARY_FILE, card, names, request.overwrite)
            table.begin(each.row for each in planned.values())
            waiting = {title: each for title, each in planned.items() if each.row.status == Status.WAITING}
            for title in planned.keys() - waiting.keys():
                remove_unfinished(planned[title].folder)
            tracker = ProgressTracker(dict.fromkeys(waiting, 1.0), progress, cancel)
            for title, each in waiting.items():
                tracker.report(title, 0, _STEPS)
                table.record(self._row_of(each, _part_of(tracker, title), cancel))
            table.finish()
        return table.summary

    def _row_of(self, each: PlannedCase, tell: ProgressCallback, cancel: Cancellation) -> CaseRow:
        name = each.case.name
        try:
            self._case_run.compute(each, tell, cancel)
            result = EarlierResult.read(each.folder)
        except Exception as error:
            _stop_if(cancel)  # a worker tells it by an error of its own, and libraries turn it into theirs
            return CaseRow(name, Status.FAILED, error=_message_of(error))
        if result is None:
            return CaseRow(name, Status.FAILED, error=f"{each.folder}: the result was removed during the run")
        return CaseRow(name, Status.DONE, result.volumes_ml, result.total_seconds)


def _part_of(tracker: ProgressTracker, title: str) -> ProgressCallback:
    """A callback for one case: its fraction becomes a part of the whole, its stages keep the name of the case."""
    return lambda progress: tracker.report(title, round(_STEPS * progress.fraction), _STEPS)


def _message_of(error: Exception) -> str:
    """One line for the row of a case; raises an error that would befall the next case too."""
    if isinstance(error, UserError):
        if not isinstance(error, CaseFailed):
            raise error
        return str(error)
    _LOG.error("%s", "".join(traceback.format_exception(error)))
    first_line = (str(error).splitlines() or [""])[0]
    return f"unexpected {type(error).__name__}: {first_line}"


def _stop_if(cancel: Cancellation) -> None:
    if cancel.is_set():
        raise AnalysisCancelled("the run was cancelled", next_step="run it again to go on where it stopped")
