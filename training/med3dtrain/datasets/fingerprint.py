"""What a data set is like, as far as it decides how a network should see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.volumes import Modality

from .inspected_case import InspectedCase


@dataclass(frozen=True)
class DatasetFingerprint:
    """Medians over the cases, on axes turned to RAS; it is written beside the result.

    spacing_ijk_mm and extent_ijk_mm, the size of the volumes, are medians; fine_spacing_ijk_mm has 10th percentiles.
    intensities are the .5th and 99.5th percentile of labelled voxels, medians over the cases that have labels.
    voxels counts labelled voxels by value over all cases.
    """

    cases: int
    modalities: tuple[Modality, ...]
    spacing_ijk_mm: tuple[float, float, float]
    fine_spacing_ijk_mm: tuple[float, float, float]
    extent_ijk_mm: tuple[float, float, float]
    intensities: tuple[float, float]
    voxels: dict[int, int]

    @classmethod
    def of(cls, cases: Sequence[InspectedCase]) -> DatasetFingerprint:
        """The fingerprint of at least one case."""
        spacings = np.array([each.spacing_ijk_mm for each in cases])
        extents = spacings * np.array([each.shape_kji[::-1] for each in cases])
        labelled = np.array([each.foreground for each in cases if each.foreground] or [(0.0, 0.5, 1.0)])
        values = sorted(cases[0].voxels)
        return cls(
            len(cases),
            tuple(sorted({each.modality for each in cases})),
            _triple(np.median(spacings, axis=0)),
            _triple(np.percentile(spacings, 10, axis=0)),
            _triple(np.median(extents, axis=0)),
            (float(np.median(labelled[:, 0])), float(np.median(labelled[:, -1]))),
            {value: sum(each.voxels[value] for each in cases) for value in values},
        )


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    i, j, k = (round(float(value), 6) for value in values)
    return i, j, k
