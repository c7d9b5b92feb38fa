"""The table of a run: one row for every case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

Cell = str | float | None


class Status(StrEnum):
    """What became of a case."""

    DONE = "done"
    """Computed by this run."""
    SKIPPED = "skipped"
    """An earlier run has computed it from the same input with the same model."""
    FAILED = "failed"
    """See the error."""
    WAITING = "waiting"
    """Its turn has not come."""


@dataclass(frozen=True)
class CaseRow:
    """One case: volumes of structures in ml and seconds of computing, or the error in one line."""

    case: str
    status: Status = Status.WAITING
    volumes_ml: Mapping[str, float] = field(default_factory=dict)
    seconds: float | None = None
    error: str = ""


@dataclass(frozen=True)
class Counts:
    """How many cases of a run were computed, had a result before, or have none."""

    done: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class Summary:
    """All cases of a run in their order, whatever became of them.

    summary = Summary(("CSF", "grey matter"), (CaseRow("a"), CaseRow("b")))
    summary = summary.with_row(CaseRow("a", Status.DONE, {"CSF": 312.5, "grey matter": 0.0}, 4.2))
    summary.counts().done        # 1
    """

    structures: tuple[str, ...]
    rows: tuple[CaseRow, ...]

    def with_row(self, row: CaseRow) -> Summary:
        """The summary with another row for the same case."""
        return replace(self, rows=tuple(row if old.case == row.case else old for old in self.rows))

    def results(self) -> tuple[CaseRow, ...]:
        """The rows of cases that have a result."""
        return tuple(row for row in self.rows if row.status in (Status.DONE, Status.SKIPPED))

    def with_results_of(self, earlier: Summary) -> Summary:
        """The summary followed by those cases of an earlier one that have a result and are not in this one."""
        cases = {row.case for row in self.rows}
        rows = (row for row in earlier.results() if row.case not in cases)
        return replace(self, rows=self.rows + tuple(replace(row, status=Status.SKIPPED) for row in rows))

    def counts(self) -> Counts:
        """How many cases came to what end."""
        found = Counter(row.status for row in self.rows)
        return Counts(found[Status.DONE], found[Status.SKIPPED], found[Status.FAILED])

    def columns(self) -> dict[str, Sequence[Cell]]:
        """The table by columns; what is not known is None among figures and empty among texts."""
        volumes = {f"{name} (ml)": [row.volumes_ml.get(name) for row in self.rows] for name in self.structures}
        return {
            "case": [row.case for row in self.rows],
            **volumes,
            "status": [row.status.value for row in self.rows],
            "seconds": [row.seconds for row in self.rows],
            "error": [row.error for row in self.rows],
        }
