"""What decides the scores of cases; free of torch, so that the command line can name it without waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from Med3DInsightLib.volumes import Modality, Segment

from ..errors import EvaluationError


@dataclass(frozen=True)
class ScoringSettings:
    """What decides the scores beside model and case.

    tolerance_mm is that of the surface Dice, modality how the images were made if files do not say it. only
    has the names of the structures that are measured, where label maps lack some; without names, all are.
    """

    tolerance_mm: float = 1.0
    modality: Modality | None = None
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance_mm < float("inf"):
            raise EvaluationError(f"the tolerance is {self.tolerance_mm} mm", next_step="choose 0 mm or more")

    def measured(self, segments: Sequence[Segment]) -> tuple[Segment, ...]:
        """Those of segments that are measured; raises EvaluationError for a name that none of them has."""
        unknown = set(self.only) - {segment.name for segment in segments}
        if unknown:
            names = ", ".join(segment.name for segment in segments)
            raise EvaluationError(f"the model has no structure '{min(unknown)}'", next_step=f"choose among: {names}")
        return tuple(segment for segment in segments if not self.only or segment.name in self.only)
