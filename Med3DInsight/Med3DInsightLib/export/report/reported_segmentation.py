"""A segmentation and the sizes of its structures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...analysis.segmentations.structure_statistics import StructureStatistics, structure_statistics
from ...volumes import Plane, Segment, SlicePlace, Volume, slice_of
from ...volumes.slices import slice_axis
from .model_reference import ModelReference

_PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)


@dataclass(frozen=True, eq=False)
class ReportedSegmentation:
    """Labels on the grid of the reported volume, what they mean, and a row of statistics for each segment.

    ReportedSegmentation.measured("brain-tissue", result.labels, result.segments, volume, ModelReference.of(card))

    model is None where it is not known which model made it, if any.
    """

    name: str
    labels: Volume
    segments: tuple[Segment, ...]
    statistics: tuple[StructureStatistics, ...]
    model: ModelReference | None = None

    @classmethod
    def measured(
        cls,
        name: str,
        labels: Volume,
        segments: Sequence[Segment],
        image: Volume,
        model: ModelReference | None = None,
    ) -> ReportedSegmentation:
        """With the statistics of the structures in image; raises ValueError if the grids differ."""
        return cls(name, labels, tuple(segments), tuple(structure_statistics(labels, image, segments)), model)

    @property
    def shown_slices(self) -> tuple[SlicePlace, ...]:
        """The slice of each plane that shows the most of the segments; the middle one where there is nothing."""
        found = self.labels.array_kji > 0
        return tuple(self._fullest(found, plane) for plane in _PLANES)

    def _fullest(self, found_kji: NDArray[np.bool_], plane: Plane) -> SlicePlace:
        axis = slice_axis(self.labels.grid, plane)
        counts = np.count_nonzero(found_kji, axis=tuple(other for other in range(3) if other != 2 - axis))
        index = int(counts.argmax()) if counts.any() else len(counts) // 2
        return slice_of(self.labels.grid, plane, index)
