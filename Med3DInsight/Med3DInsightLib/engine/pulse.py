"""How long a worker may be silent."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How long the client waits, in seconds."""

    start: float = 120.0
    silence: float = 60.0
    ping_every: float = 5.0
    cancel: float = 1.2


class Pulse:
    """When a worker was started, heard and asked; one for every worker.

    pulse = Pulse(Patience())
    pulse.greeted = True     # it said hello
    pulse.hear()             # it said something
    """

    def __init__(self, patience: Patience) -> None:
        self.greeted = False
        self._patience = patience
        self._opened_at = self._heard_at = self._pinged_at = time.monotonic()

    @property
    def never_started(self) -> bool:
        """Whether it should have said hello by now."""
        return not self.greeted and time.monotonic() - self._opened_at > self._patience.start

    @property
    def silent(self) -> bool:
        """Whether it should have said anything by now."""
        return time.monotonic() - self._heard_at > self._patience.silence

    def hear(self) -> None:
        """Note that it said something."""
        self._heard_at = time.monotonic()

    def ask(self) -> bool:
        """Whether it is time to ask it for a sign of life; noted as asked."""
        due = time.monotonic() - self._pinged_at > self._patience.ping_every
        if due:
            self._pinged_at = time.monotonic()
        return due
