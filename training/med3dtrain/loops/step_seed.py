"""Seeds that follow from the number of a step, so that resuming needs no state of random generators."""

from __future__ import annotations

import hashlib


def step_seed(*numbers: int) -> int:
    """A seed of 63 bits for every combination of numbers: seed of the run, step, process."""
    digest = hashlib.sha256(repr(numbers).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
