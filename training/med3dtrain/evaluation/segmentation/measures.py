"""How well one segmentation agrees with its truth, structure by structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.analysis.segmentations.comparison import Agreement, compare
from Med3DInsightLib.volumes import LabelLayer, Segment, Volume


class Measure(StrEnum):
    """What is measured of every structure."""

    DICE = "dice"
    SURFACE_DICE = "surface_dice"
    HAUSDORFF95_MM = "hausdorff95_mm"
    VOLUME_DIFFERENCE_ML = "volume_difference_ml"


class Presence(StrEnum):
    """Where a structure was found."""

    BOTH = "both"
    MISSED = "missed"
    """In the truth, not in the prediction."""
    INVENTED = "invented"
    """In the prediction, not in the truth."""
    NEITHER = "neither"


@dataclass(frozen=True)
class StructureScores:
    """How one structure of one case agrees with the truth; None where a measure has no value.

    dice and surface_dice are 1 for equal masks and 0 for a structure that was missed or invented.
    hausdorff95_mm then has no value, because there is no surface to be away from. A structure that is
    in neither has no dice and no distance: finding nothing where nothing is says little about outlines,
    and a 1 for it would lift the mean.
    """

    name: str
    label_value: int
    truth_ml: float
    predicted_ml: float
    dice: float | None
    surface_dice: float | None
    hausdorff95_mm: float | None

    @property
    def presence(self) -> Presence:
        """Where the structure was found."""
        found = {(True, True): Presence.BOTH, (True, False): Presence.MISSED, (False, True): Presence.INVENTED}
        return found.get((self.truth_ml > 0, self.predicted_ml > 0), Presence.NEITHER)

    def value(self, measure: Measure) -> float | None:
        """One measure; the volume difference is that of the prediction less that of the truth."""
        if measure == Measure.VOLUME_DIFFERENCE_ML:
            return None if self.presence == Presence.NEITHER else self.predicted_ml - self.truth_ml
        value: float | None = getattr(self, measure.value)
        return value


def structure_scores(
    predicted: Volume, truth: Volume, segments: Sequence[Segment], tolerance_mm: float = 1.0
) -> tuple[StructureScores, ...]:
    """The scores of all segments, in their order; predicted and truth hold label values on one grid (KJI).

    Dice, surface Dice within tolerance_mm and the 95th percentile of the Hausdorff distance are those of
    Med3DInsightLib.analysis.segmentations.comparison, in the physical space of the grid.

    Raises ValueError if the grids differ.
    """
    if not predicted.grid.matches(truth.grid):
        raise ValueError("prediction and truth are on different grids")
    if not segments:
        return ()
    names = {segment.label_value: str(segment.label_value) for segment in segments}  # names may occur twice
    rows = compare([LabelLayer(predicted, names)], [LabelLayer(truth, names)], tolerance_mm)
    sizes = [_voxels(volume, segments) for volume in (truth, predicted)]
    ml = truth.grid.voxel_volume_ml
    return tuple(
        _scores(segment, row, in_truth * ml, in_prediction * ml)
        for segment, row, in_truth, in_prediction in zip(segments, rows, *sizes, strict=True)
    )


def dice_by_value(
    predicted: NDArray[np.integer], truth: NDArray[np.integer], label_values: Sequence[int]
) -> tuple[float | None, ...]:
    """Dice alone, for every label value: what structure_scores() finds, without the time that surfaces take.

    Both arrays hold label values and have the same shape, which may be any. None where a value is in neither.

    Raises ValueError for different shapes.
    """
    if predicted.shape != truth.shape:
        raise ValueError(f"the prediction has shape {predicted.shape}, the truth {truth.shape}")
    found: list[float | None] = []
    for value in label_values:
        masks = predicted == value, truth == value
        size = sum(int(np.count_nonzero(mask)) for mask in masks)
        found.append(2.0 * int(np.count_nonzero(masks[0] & masks[1])) / size if size else None)
    return tuple(found)


def mean_over_structures(scores: Sequence[StructureScores], measure: Measure = Measure.DICE) -> float | None:
    """The mean of the structures of one case that have a value, None if none has."""
    values = [value for each in scores if (value := each.value(measure)) is not None]
    return fmean(values) if values else None


def _scores(segment: Segment, row: Agreement, truth_ml: float, predicted_ml: float) -> StructureScores:
    surface_dice = row.surface_dice
    if row.dice is not None and surface_dice is None:  # no part of a surface lies near one that is not there
        surface_dice = 0.0
    return StructureScores(
        segment.name, segment.label_value, truth_ml, predicted_ml, row.dice, surface_dice, row.hausdorff95_mm
    )


def _voxels(labels: Volume, segments: Sequence[Segment]) -> list[int]:
    counts = np.bincount(np.ravel(labels.array_kji), minlength=max(each.label_value for each in segments) + 1)
    return [int(counts[each.label_value]) for each in segments]
