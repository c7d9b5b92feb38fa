"""The table that a run keeps."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from pathlib import Path

from ..bundles import ModelCard
from ..errors import UserError
from ..storage import OutputError
from .earlier_result import EarlierResult
from .summary import CaseRow, Summary
from .summary_file import read_summary, write_summary

_LOG = logging.getLogger(__name__)
_ALLOW = "choose another output folder, or allow replacing it (--overwrite)"


class RunTable:
    """The summary of a run, which is on disk from the start and after every case.

        table = RunTable.open(Path("results/summary.csv"), card, ["a", "b"], overwrite=False)
        table.begin([CaseRow("a"), CaseRow("b")])
        table.record(CaseRow("a", Status.DONE, volumes_ml, seconds))
        table.finish()

    Results of other cases that the same model has computed into the same folder stay in the file.
    """

    def __init__(self, path: Path, earlier: Summary) -> None:
        self.summary = Summary(earlier.structures, ())
        self._path = path
        self._earlier = earlier
        self._is_behind = False

    @classmethod
    def open(cls, path: Path, card: ModelCard, cases: Collection[str], overwrite: bool) -> RunTable:
        """Look at what is there, before a run of these cases with the model of card.

        Raises UserError if that is some other table, or lists results of another model for other cases, and
        overwrite is not set; with it, they are left out.
        """
        structures = tuple(segment.name for segment in card.segments)
        try:
            earlier = read_summary(path) or Summary(structures, ())
            if earlier.structures != structures:
                raise OutputError("is the table of another model", path, _ALLOW)
        except UserError:
            if not overwrite:
                raise
            earlier = Summary(structures, ())
        others = [row for row in earlier.results() if row.case not in cases]
        foreign = [row for row in others if not _is_of(path.parent / row.case, card)]
        if foreign and not overwrite:
            which = f"such as that of '{foreign[0].case}'"
            raise OutputError(f"lists results of another model, or that are gone, {which}", path, _ALLOW)
        return cls(path, Summary(structures, tuple(row for row in others if row not in foreign)))

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


def _is_of(folder: Path, card: ModelCard) -> bool:
    """Whether folder holds a result of this very model; equal names of structures do not tell."""
    try:
        result = EarlierResult.read(folder)
    except UserError:
        return False
    return result is not None and result.is_of(card)
