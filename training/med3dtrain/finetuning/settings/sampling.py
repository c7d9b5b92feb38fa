"""Which patches of the cases are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True)
class SamplingSettings:
    """Which patches are drawn: a share of them is centred on a voxel of a structure, all structures being equal.

    workers is how many processes draw examples beside the one that trains; it changes nothing else.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    on_structures: float = 0.4
    workers: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.on_structures <= 1 or self.workers < 0:
            raise ValueError("on_structures is a share, from 0 to 1, and workers not negative")
