"""What happens when a volume or a caption cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from Med3DInsightLib.errors import UserError


class OnBadInput(StrEnum):
    """Whether a run ends at the first volume or caption that cannot be used, or goes on without it."""

    STOP = "stop"
    SKIP = "skip"


class BadInput:
    """Raises what is wrong with an input, or says it and remembers that the input was left out.

        bad = BadInput(OnBadInput.SKIP, print)
        bad.meet(VolumeError("the file is empty", path))
        bad.skipped             # [VolumeError(...)]

    Both ways, the message names the file. Sources call it and go on if it returns.
    """

    def __init__(self, on_bad_input: OnBadInput, report: Callable[[str], None]) -> None:
        self.skipped: list[UserError] = []
        self._on_bad_input = on_bad_input
        self._report = report

    def meet(self, error: UserError) -> None:
        """Raise error, or report that what it names is skipped."""
        if self._on_bad_input == OnBadInput.STOP:
            raise error
        self.skipped.append(error)
        self._report(f"skipped: {error}")
