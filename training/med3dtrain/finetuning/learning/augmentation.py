"""What is varied from patch to patch, so that a network does not rely on it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import torch
from monai.transforms import (
    Compose,
    OneOf,
    Rand3DElasticd,
    RandAdjustContrastd,
    RandAffined,
    RandFlipd,
    RandGaussianNoised,
    RandGaussianSmoothd,
    RandScaleIntensityd,
    RandSimulateLowResolutiond,
)
from torch import Tensor

from ..settings.augmentation import AugmentationSettings

_IMAGE, _LABELS = "image", "labels"
_SMOOTHNESS_VOXEL = (4.0, 7.0)  # deviations of the Gaussian that smooths a displacement


class Augmentation:
    """Varies an image and its labels alike; the same number always gives the same.

    vary = Augmentation(AugmentationSettings(), patch_kji=(64, 64, 64), spacing_kji_mm=(1.0, 1.0, 1.0))
    image, labels = vary(image, labels, seed)       # (K, J, I) of any size, to (64, 64, 64)

    Labels (K, J, I) are interpolated by nearest voxel; shares of classes (C, K, J, I), with soft labels, linearly. What
    a rotation brings in from outside is background. Rotations act on voxels: about an axis across which these are not
    square, they are the smaller, since they shear what is seen.
    """

    def __init__(
        self, settings: AugmentationSettings, patch_kji: Sequence[int], spacing_kji_mm: Sequence[float]
    ) -> None:
        both: tuple[Hashable, ...] = (_IMAGE, _LABELS)
        angles = tuple(settings.rotation * _squareness(spacing_kji_mm, axis) for axis in range(3))
        scales = (settings.scaling,) * 3
        moved: dict[str, Any] = {
            "keys": both,
            "spatial_size": tuple(patch_kji),
            "prob": settings.spatial,
            "rotate_range": angles,
            "scale_range": scales,
            "mode": ("bilinear", "bilinear" if settings.soft_labels else "nearest"),
            "padding_mode": "zeros",
        }
        changes: list[Any] = [RandAffined(**moved)]
        if settings.elastic:
            # One of the two and not one after the other: labels would be cut to voxels twice.
            magnitudes = (0.0, _magnitude(settings.elastic_voxel))
            warped = Rand3DElasticd(sigma_range=_SMOOTHNESS_VOXEL, magnitude_range=magnitudes, **moved)
            changes = [OneOf([*changes, warped], weights=(1 - settings.elastic, settings.elastic))]
        changes += [RandFlipd(both, prob=0.5, spatial_axis=axis) for axis in settings.flipped_axes_kji]
        changes += [
            RandGaussianSmoothd(
                _IMAGE, prob=settings.blur, **{f"sigma_{axis}": (0.3, settings.blur_voxel) for axis in "xyz"}
            ),
            RandSimulateLowResolutiond(_IMAGE, prob=settings.low_resolution, zoom_range=(0.5, 1.0)),
            RandScaleIntensityd(_IMAGE, factors=0.25, prob=settings.brightness),
            RandAdjustContrastd(_IMAGE, prob=settings.contrast, gamma=(0.7, 1.5)),
            RandGaussianNoised(_IMAGE, prob=settings.noise, std=settings.noise_deviation),
        ]
        self._changes = Compose(changes)

    def __call__(self, image: Tensor, labels: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        """Image (K, J, I) float32 and labels or shares, varied and cut to the patch around their middle."""
        self._changes.set_random_state(seed % 2**32)
        is_shares = labels.dim() == image.dim() + 1
        varied = self._changes({_IMAGE: image[None], _LABELS: (labels if is_shares else labels[None]).float()})
        found = _plain(varied[_LABELS])
        if is_shares:
            found[0] = 1.0 - found[1:].sum(0)  # zeros came in from outside
            return _plain(varied[_IMAGE])[0], found
        return _plain(varied[_IMAGE])[0], found[0].to(labels.dtype)


def _squareness(spacing_kji_mm: Sequence[float], axis: int) -> float:
    """The shorter side of a voxel, seen along an axis, as a part of the longer one."""
    sides = [size for other, size in enumerate(spacing_kji_mm) if other != axis]
    return min(sides) / max(sides)


def _magnitude(largest_voxel: float) -> float:
    """What uniform noise from -1 to 1 is multiplied by so that, smoothed, two of its deviations are largest_voxel.

    Smoothing by a Gaussian of deviation s divides the deviation of noise, here 3^-1/2, by (2 sqrt(pi) s)^(3/2).
    """
    middle = sum(_SMOOTHNESS_VOXEL) / 2
    return largest_voxel / 2 * math.sqrt(3.0) * math.pow(2 * math.sqrt(math.pi) * middle, 1.5)


def _plain(tensor: Tensor) -> Tensor:
    """Without MONAI's metadata."""
    return tensor.as_subclass(torch.Tensor)
