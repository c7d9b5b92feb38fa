"""How many volumes a folder holds, found out while the panel stays alive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from Med3DInsightLib.batch.case_search import CaseSearch
from Med3DInsightLib.engine.signal import Signal
from Med3DInsightLib.errors import UserError

_SLICE_SECONDS = 0.02


class CaseCounter:
    """Looks through a folder a little at every tick of a timer: folders may be large and far away.

    counter = CaseCounter(qt.QTimer())
    counter.on_changed.connect(refresh)
    counter.count(Path("scans"), Path("results"))
    counter.found, counter.finished, counter.problem
    counter.stop()
    """

    def __init__(self, timer: Any) -> None:
        self.on_changed = Signal()
        self.found = 0
        self.problem = ""
        self._paths: Iterator[bool] | None = None
        self._timer = timer
        timer.setInterval(0)
        timer.connect("timeout()", self.onTimeout)

    @property
    def finished(self) -> bool:
        """Whether found is the number of all cases."""
        return self._paths is None

    def count(self, folder: Path, output: Path | None) -> None:
        """Begin to count the cases of folder, leaving out what is in output, if that is chosen."""
        self._begin(_looks(CaseSearch(folder, output)))

    def stop(self) -> None:
        """Count no more; nothing was found."""
        self._begin(None)

    def onTimeout(self) -> None:
        """Go on for a moment."""
        until = time.monotonic() + _SLICE_SECONDS
        try:
            for is_case in self._paths or ():
                self.found += is_case
                if time.monotonic() > until:
                    self.on_changed.emit()
                    return
        except UserError as error:
            self.problem = str(error)
        self._end()

    def _begin(self, paths: Iterator[bool] | None) -> None:
        self.found, self.problem, self._paths = 0, "", paths
        if paths is None:
            self._end()
        else:
            self._timer.start()
            self.on_changed.emit()

    def _end(self) -> None:
        self._timer.stop()
        self._paths = None
        self.on_changed.emit()


def _looks(search: CaseSearch) -> Iterator[bool]:
    return (search.takes(path) for path in search.paths())
