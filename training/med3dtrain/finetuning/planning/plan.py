"""From the fingerprint of a data set to what the network sees, and how large it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.volumes import IntensityRule, IntensityScale, Modality, Recipe

from ...datasets.fingerprint import DatasetFingerprint
from ..errors import FineTuningError
from ..settings.plan import PlanSettings

_COARSE = 3.0  # an axis so many times coarser than the finest keeps more of the detail that some cases have
_LEAST_FEATURE = 4  # voxels of the coarsest features along an axis
_LEAST_PATCH = 8.0
_MOST_LEVELS = 6
_WINDOW_STEP = 10.0


@dataclass(frozen=True)
class Plan:
    """How volumes are prepared, how many patches make a batch, and how many levels an encoder should have."""

    recipe: Recipe
    batch: int
    levels: int


def make_plan(fingerprint: DatasetFingerprint, settings: PlanSettings, encoder: Backbone | None = None) -> Plan:
    """The plan for a data set, and for an encoder if there is one already: it decides which patches are possible.

    Spacing is the median; of an axis that is at least three times coarser than another, the 10th percentile. The
    patch holds the median volume if that is small enough, otherwise as much of each axis in proportion. Levels
    are added while the coarsest features keep 4 voxels along the shortest axis of the patch. A batch has 2 patches or
    more. CT is seen in the window of the labelled voxels' intensities, all else by percentiles of the volume.

    Raises FineTuningError for a patch, decided by hand, that the encoder cannot read.
    """
    spacing = settings.spacing_ijk_mm or _spacing(fingerprint)
    wanted_kji = tuple(extent / size for extent, size in zip(fingerprint.extent_ijk_mm, spacing, strict=True))[::-1]
    shrink = min(1.0, (settings.voxels / math.prod(wanted_kji)) ** (1 / 3))
    sizes = [max(_LEAST_PATCH, size * shrink) for size in wanted_kji]
    levels = settings.levels or _levels(min(sizes))
    multiple = encoder.strides[-1] if encoder is not None else 2 ** (levels - 1)
    k, j, i = (multiple * max(1, math.ceil(round(size) / multiple)) for size in sizes)
    only = encoder.window_kji if encoder is not None else None
    patch = settings.patch_kji or only or (k, j, i)
    if encoder is not None and (any(size % multiple for size in patch) or (only is not None and patch != only)):
        needed = f"{list(only)}" if only is not None else f"multiples of {multiple}"
        raise FineTuningError(
            f"the encoder reads patches of {needed} voxels, not {list(patch)}", next_step="change plan.patch_kji"
        )
    batch = settings.batch or min(16, max(2, settings.batch_voxels // math.prod(patch)))
    recipe = Recipe("RAS", spacing, _intensity(fingerprint), patch, antialias=True)
    return Plan(recipe, batch, levels)


def spacing_kji_mm(recipe: Recipe) -> tuple[float, float, float]:
    """The spacing of a recipe in the order of an array's axes."""
    i, j, k = recipe.spacing_ijk_mm
    return k, j, i


def _spacing(fingerprint: DatasetFingerprint) -> tuple[float, float, float]:
    finest = min(fingerprint.spacing_ijk_mm)
    i, j, k = (
        fine if median >= _COARSE * finest else median
        for median, fine in zip(fingerprint.spacing_ijk_mm, fingerprint.fine_spacing_ijk_mm, strict=True)
    )
    return i, j, k


def _levels(shortest: float) -> int:
    return min(_MOST_LEVELS, max(2, 1 + int(math.log2(max(1.0, shortest / _LEAST_FEATURE)))))


def _intensity(fingerprint: DatasetFingerprint) -> dict[str, IntensityRule]:
    rules = {"default": IntensityRule(IntensityScale.PERCENTILES, 0.5, 99.5)}
    if Modality.CT in fingerprint.modalities:
        low, high = fingerprint.intensities
        low, high = _WINDOW_STEP * math.floor(low / _WINDOW_STEP), _WINDOW_STEP * math.ceil(high / _WINDOW_STEP)
        rules[Modality.CT.value] = IntensityRule(IntensityScale.WINDOW, low, max(high, low + _WINDOW_STEP))
    return rules
