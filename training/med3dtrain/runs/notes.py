"""What a run tells before its log is open."""

from __future__ import annotations

from collections.abc import Callable

from .run_log import RunLog


class Notes:
    """Reports lines, and remembers them for a log that is opened later.

    notes = Notes(print)
    notes("12 cases")               # printed
    notes.write_to(RunLog(output, first_step=0))
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._lines: list[str] = []

    def __call__(self, line: str) -> None:
        """Report a line."""
        self._lines.append(line)
        self._report(line)

    def write_to(self, log: RunLog) -> None:
        """Add all lines to a log."""
        for line in self._lines:
            log.note(line)
