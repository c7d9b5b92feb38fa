"""How fast a job is, and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_RECENT = 500


@dataclass(frozen=True)
class PaceReport:
    """Slices done (by earlier runs too) and expected, slices per second, seconds left; None where nobody knows."""

    done: int
    expected: int
    rate: float | None
    seconds_left: float | None


class Pace:
    """Counts slices of volumes that are read one after the other.

        pace = Pace(volumes=120)
        pace.begin_volume(slices=24, done=8)
        pace.step()
        pace.report()

    How many slices the volumes to come have is expected from those so far. The rate is that of the last
    500 slices.
    """

    def __init__(self, volumes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._volumes = volumes
        self._clock = clock
        self._begun = self._slices = self._done = 0
        self._times = deque([clock()], maxlen=_RECENT + 1)

    def begin_volume(self, slices: int, done: int) -> None:
        """A volume has so many slices, of which some are described already; none if it cannot be used."""
        self._begun += 1
        self._slices += slices
        self._done += done

    def step(self) -> None:
        """A slice has its caption, or will get none."""
        self._done += 1
        self._times.append(self._clock())

    def report(self) -> PaceReport:
        """Where the job is."""
        to_come = self._volumes - self._begun
        expected = self._slices + round(to_come * self._slices / self._begun) if self._begun else 0
        steps, seconds = len(self._times) - 1, self._times[-1] - self._times[0]
        rate = steps / seconds if steps and seconds > 0 else None
        left = (expected - self._done) / rate if rate else None
        return PaceReport(self._done, expected, rate, left)
