"""The intensities in which a slice is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict


@dataclass(frozen=True)
class Window:
    """The intensities, in units of the volume, that are drawn black (low) and white (high), and why.

        window = Window("soft tissue", -160.0, 240.0)
        window.grey(slice_hu)            # float32 from 0 to 255

    Raises ValueError unless low < high, both finite.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ValueError(f"a window needs low < high, not {self.low} and {self.high}")

    def grey(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """The array as float32 from 0 to 255, clipped at both ends."""
        scaled = (array.astype(np.float32) - np.float32(self.low)) * np.float32(255.0 / (self.high - self.low))
        return np.clip(scaled, 0.0, 255.0, out=scaled)
