"""What a volume is; free of torch, so that it travels."""

from __future__ import annotations

from dataclasses import dataclass

_UNFAMILIAR = 0.99


@dataclass(frozen=True)
class ClassificationResult:
    """The probability of every class by name, and how unlike the training data the volume is.

    unlikeness is the share of ordinary cases that are more like the training data (see Familiarity), None if the
    model does not know. seconds gives the duration of each stage.
    """

    probabilities: dict[str, float]
    unlikeness: float | None
    device: str
    seconds: dict[str, float]

    @property
    def most_probable(self) -> str:
        """The class with the highest probability; of equal ones the first."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])

    @property
    def is_unfamiliar(self) -> bool:
        """Whether the volume is so unlike the training data that probabilities mean little."""
        return self.unlikeness is not None and self.unlikeness >= _UNFAMILIAR
