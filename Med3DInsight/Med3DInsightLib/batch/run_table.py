"""The table that a run keeps."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from ..errors import UserError
from ..export.staging import OutputError
from .summary import CaseRow, Summary
from .summary_file import read_summary, write_summary

_LOG = logging.getLogger(__name__)
_ALLOW = "choose another output folder, or allow replacing it (--overwrite)"


class RunTable:
    """The summary of a run, which is on disk from the start and after every case.

        table = RunTable.open(Path("results/summary.csv"), ("CSF", "grey matter"), overwrite=False)
        table.begin([CaseRow("a"), CaseRow("b")])
        table.record(CaseRow("a", Status.DONE, volumes_ml, seconds))
        table.finish()

    Results of other cases that were computed into the same folder stay in the file.
    """

    def __init__(self, path: Path, earlier: Summary) -> None:
        self.summary = Summary(earlier.structures, ())
        self._path = path
        self._earlier = earlier
        self._is_behind = False

    @classmethod
    def open(cls, path: Path, structures: tuple[str, ...], overwrite: bool) -> RunTable:
        """Look at what is there; raises UserError if that is some other table and overwrite is not set."""
        try:
            earlier = read_summary(path) or Summary(structures, ())
            if earlier.structures != structures:
                raise OutputError("is the table of another model", path, _ALLOW)
        except UserError:
            if not overwrite:
                raise
            earlier = Summary(structures, ())
        return cls(path, earlier)

    def begin(self, rows: Iterable[CaseRow]) -> None:
        """Write the rows of all cases; raises OutputError if that is not possible."""
        self.summary = Summary(self.summary.structures, tuple(rows))
        self._write()

    def record(self, row: CaseRow) -> None:
        """Replace the row of a case. The run goes on if the file cannot be replaced: results are what counts."""
        self.summary = self.summary.with_row(row)
        try:
            self._write()
        except OutputError as error:  # perhaps it is open in a spreadsheet
            self._is_behind = True
            _LOG.warning("%s", error)

    def finish(self) -> None:
        """Make up for what record() could not write; raises OutputError if it is still not possible."""
        if self._is_behind:
            self._write()

    def _write(self) -> None:
        write_summary(self.summary.with_results_of(self._earlier), self._path)
        self._is_behind = False
