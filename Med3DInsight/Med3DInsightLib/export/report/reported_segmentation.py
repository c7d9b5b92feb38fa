"""A segmentation and the sizes of its structures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...analysis.segmentations.structure_statistics import StructureStatistics, structure_statistics
from ...volumes import ANATOMICAL_PLANES, Plane, Segment, SlicePlace, Volume, slice_of
from ...volumes.slices import slice_axis
from .model_reference import ModelReference


@dataclass(frozen=True, eq=False)
class ReportedSegmentation:
    """Labels on the grid of the reported volume, which is image, and what they mean.

    ReportedSegmentation("brain-structures", result.labels, result.segments, volume, ModelReference.of(card)).statistics

    model is None where it is not known which model made it, if any.
    """

    name: str
    labels: Volume
    segments: tuple[Segment, ...]
    image: Volume
    model: ModelReference | None = None

    @cached_property
    def statistics(self) -> tuple[StructureStatistics, ...]:
        """A row for each segment, measured when it is first asked for, which may take seconds.

        Raises ValueError if labels and image are on different grids.
        """
        return tuple(structure_statistics(self.labels, self.image, self.segments))

    @property
    def shown_slices(self) -> tuple[SlicePlace, ...]:
        """The slice of each plane that shows the most of the segments; the middle one where there is nothing."""
        found = self.labels.array_kji > 0
        return tuple(self._fullest(found, plane) for plane in ANATOMICAL_PLANES)

    def _fullest(self, found_kji: NDArray[np.bool_], plane: Plane) -> SlicePlace:
        axis = slice_axis(self.labels.grid, plane)
        counts = np.count_nonzero(found_kji, axis=tuple(other for other in range(3) if other != 2 - axis))
        index = int(counts.argmax()) if counts.any() else len(counts) // 2
        return slice_of(self.labels.grid, plane, index)
