"""Other intensities of the same anatomy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict


@dataclass(frozen=True)
class IntensityAugmentation:
    """How much intensities vary: each effect comes with this probability, up to these strengths.

    gamma_sigma is of the logarithm of the exponent; gain and shift are of the scale from 0 to 1, noise_sigma
    too. Nothing is moved: a caption names sides and positions, and a flipped or turned volume would make
    it wrong.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    probability: float = 0.5
    gamma_sigma: float = 0.2
    gain: float = 0.1
    shift: float = 0.05
    noise_sigma: float = 0.03

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1 or min(self.gamma_sigma, self.gain, self.shift, self.noise_sigma) < 0:
            raise ValueError("a probability is from 0 to 1, and a strength is not negative")

    def apply(self, array: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
        """Array (K, J, I), from 0 to 1, changed as generator draws; still from 0 to 1."""
        gamma, level, noise = generator.uniform(size=3) < self.probability
        if gamma:
            array = array ** np.float32(np.exp(generator.normal(0.0, self.gamma_sigma)))
        if level:
            gain = np.float32(generator.uniform(1 - self.gain, 1 + self.gain))
            array = array * gain + np.float32(generator.uniform(-self.shift, self.shift))
        if noise:
            sigma = np.float32(generator.uniform(0, self.noise_sigma))
            array = array + sigma * generator.standard_normal(array.shape, dtype=np.float32)
        return np.clip(array, 0.0, 1.0)
