"""Synthetic images and their soft tissue maps, drawn without end from label maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .appearance import AppearanceRule, draw_appearance, gaussian_blur
from .contrasts import Contrast, draw_contrast
from .deformation import DeformationRule, draw_lookup, look_up
from .tissues import TISSUES, TissueTable

_SUPERSAMPLING = 2
_TEXTURE_SIGMA = 0.03
_CLOSING_VOXEL = 3  # fills the ventricles, which brain extraction tools keep


@dataclass(frozen=True)
class SynthesisRule:
    """What is drawn: size and spacing of the crops, and how much anatomy and appearance vary.

    smooth_probability is the share of images whose anatomy is blurred and whose tissues grow or
    shrink at each other's cost, as in templates, thick slices and atrophy. skull_strip_probability
    is the share that keeps the brain alone. Over the first curriculum_examples the contrasts widen
    from the easiest one to the whole mixture, since fine detail is learnt slowly from mixed ones.
    """

    crop_voxel: int = 72
    spacing_mm: float = 2.0
    smooth_probability: float = 0.35
    skull_strip_probability: float = 0.4
    curriculum_examples: int = 2500
    deformation: DeformationRule = field(default_factory=DeformationRule)
    appearance: AppearanceRule = field(default_factory=AppearanceRule)


class SyntheticImages:
    """Draws (image, tissue fractions) pairs; the same seed gives the same sequence.

        images = SyntheticImages(label_maps, table, SynthesisRule(), seed=0)
        image, fractions = next(iter(images))      # (72, 72, 72), (4, 72, 72, 72)

    label_maps are arrays of structure indices (K, J, I) in RAS orientation at spacing_mm / 2, so
    that every voxel of an image averages eight samples and partial volume is exact.
    """

    def __init__(self, label_maps: list[Tensor], table: TissueTable, rule: SynthesisRule, seed: int) -> None:
        self._label_maps = label_maps
        self._tissue_names = [TISSUES[tissue] for tissue in table.tissue_of_structure]
        self._structures = table.structures
        self._tissue_of_structure = torch.from_numpy(table.tissue_of_structure.astype(np.uint8))
        self._rule = rule
        self._seed = seed
        self._brain_boxes = [_bounding_box(self._tissue_of_structure[m.long()] >= 2) for m in label_maps]

    def draw(self, index: int) -> tuple[Tensor, Tensor]:
        """Pair number index: image (K, J, I) about 0 to 1, tissue fractions (4, K, J, I)."""
        generator = np.random.default_rng((self._seed, index))
        which = int(generator.integers(len(self._label_maps)))
        low, high = self._brain_boxes[which]
        # Crops around the inner part of the brain: at its border most of a crop would be air.
        centre = low + (high - low) * generator.uniform(0.2, 0.8, 3)
        samples = self._rule.crop_voxel * _SUPERSAMPLING
        positions = draw_lookup(centre, samples, 1.0, self._rule.deformation, generator)
        structures = look_up(self._label_maps[which], positions)
        progress = min(1.0, index / max(1, self._rule.curriculum_examples))
        contrast = draw_contrast(generator, progress)
        intensities, fractions = self._partial_volumes(structures, contrast, generator)
        if generator.uniform() < self._rule.smooth_probability:
            intensities, fractions = _smooth_anatomy(intensities, fractions, generator)
        if generator.uniform() < self._rule.skull_strip_probability:
            intensities, fractions = _strip_skull(intensities, fractions, generator)
        image = (intensities * fractions).sum(0)
        return draw_appearance(image, self._rule.appearance, generator), fractions

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        index = 0
        while True:
            yield self.draw(index)
            index += 1

    def _partial_volumes(
        self, structures: Tensor, contrast: Contrast, generator: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Mean intensity and fraction of every tissue in every voxel, both (4, K, J, I)."""
        means = contrast.draw(self._structures, self._tissue_names, generator)
        indices = structures.long()
        values = torch.from_numpy(means)[indices]
        texture = generator.uniform(0.0, _TEXTURE_SIGMA)
        values += texture * torch.from_numpy(generator.standard_normal(tuple(values.shape), dtype=np.float32))
        tissues = self._tissue_of_structure[indices]
        fractions, sums = [], []
        for tissue in range(len(TISSUES)):
            mask = (tissues == tissue).float()
            fractions.append(_average(mask))
            sums.append(_average(mask * values))
        fraction = torch.stack(fractions)
        return torch.stack(sums) / fraction.clamp_min(1e-6), fraction


def _smooth_anatomy(intensities: Tensor, fractions: Tensor, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    sigma = generator.uniform(0.3, 1.0)
    sums = gaussian_blur(intensities * fractions, sigma)
    fractions = gaussian_blur(fractions, sigma)
    intensities = sums / fractions.clamp_min(1e-6)
    growth = np.exp(np.concatenate([[0.0], generator.normal(0.0, 0.45, len(TISSUES) - 1)]))
    fractions = fractions * torch.from_numpy(growth).float()[:, None, None, None]
    return intensities, fractions / fractions.sum(0).clamp_min(1e-6)


def _strip_skull(intensities: Tensor, fractions: Tensor, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    brain = (fractions[2] + fractions[3] > 0.5).float()[None, None]
    margin = int(generator.integers(0, 3))
    for _ in range(_CLOSING_VOXEL + margin):
        brain = functional.max_pool3d(brain, 3, stride=1, padding=1)
    for _ in range(_CLOSING_VOXEL):
        brain = -functional.max_pool3d(-brain, 3, stride=1, padding=1)
    kept = fractions[1:] * brain[0]
    intensities = intensities.clone()
    intensities[0] = 0.0
    return intensities, torch.cat([1.0 - kept.sum(0, keepdim=True), kept])


def _average(samples: Tensor) -> Tensor:
    return functional.avg_pool3d(samples[None, None], _SUPERSAMPLING)[0, 0]


def _bounding_box(mask: Tensor) -> tuple[np.ndarray, np.ndarray]:
    places = [mask.any(dim=tuple(a for a in range(3) if a != axis)).nonzero() for axis in range(3)]
    return np.array([int(p.min()) for p in places]), np.array([int(p.max()) for p in places])
