"""What a segmentation run returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...volumes.segments import Segment
from ...volumes.volume import Volume


@dataclass(frozen=True)
class SegmentationResult:
    """Labels on the grid of the input, what they mean, and how the run went.

    labels holds 0 for background and the label value of a segment elsewhere. seconds gives the
    duration of each stage. encoded_windows counts the windows for which the encoder ran, which are
    none if another model with the same encoder has read the volume before. adjustments tells what
    was done to make the run fit into memory.
    """

    labels: Volume
    segments: tuple[Segment, ...]
    device: str
    seconds: dict[str, float]
    encoded_windows: int = 0
    adjustments: tuple[str, ...] = ()

    def volumes_ml(self) -> dict[str, float]:
        """The volume of every segment in millilitres, 0 for those that were not found."""
        values = np.ravel(self.labels.array_kji)
        counts = np.bincount(values, minlength=max((s.label_value for s in self.segments), default=0) + 1)
        ml = self.labels.grid.voxel_volume_ml
        return {segment.name: float(counts[segment.label_value]) * ml for segment in self.segments}
