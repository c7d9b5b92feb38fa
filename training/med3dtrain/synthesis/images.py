"""Synthetic images and the fractions of what is to be learnt, drawn without end from label maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from .appearance import AppearanceRule, draw_appearance, draw_noise, gaussian_blur
from .contrasts import Contrast, draw_contrast, require_shares
from .deformation import DeformationRule, draw_lookup, look_up
from .field_of_view import cropped_field, extracted_brain
from .label_table import LabelTable

_SUPERSAMPLING = 2
_TEXTURE_SIGMA = 0.03


@dataclass(frozen=True)
class SynthesisRule:
    """What is drawn: size and spacing of the crops, and how much anatomy and appearance vary.

    smooth_probability is the share of images whose anatomy is blurred and whose targets grow or
    shrink at each other's cost, as in templates, thick slices and atrophy. skull_strip_probability
    is the share that keeps the brain alone, crop_probability the share whose field of view ends within the crop.
    label_spacing_mm is that of the label maps; where it is not finer than half of spacing_mm, their voxels show.

    Over the first curriculum_examples the contrasts widen from the easiest one to the whole mixture, since fine
    detail is learnt slowly from mixed ones, and all variation grows from first_strength to 1. shares are those of the
    contrasts by name, or else their own. Raises ValueError for what no image can be drawn by.
    """

    crop_voxel: int = 72
    spacing_mm: float = 2.0
    smooth_probability: float = 0.35
    skull_strip_probability: float = 0.4
    curriculum_examples: int = 2500
    deformation: DeformationRule = field(default_factory=DeformationRule)
    appearance: AppearanceRule = field(default_factory=AppearanceRule)
    crop_probability: float = 0.0
    label_spacing_mm: float = 1.0
    first_strength: float = 1.0
    shares: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.crop_voxel < 1 or self.spacing_mm <= 0 or self.label_spacing_mm <= 0:
            raise ValueError("crop_voxel, spacing_mm and label_spacing_mm are positive")
        require_shares(self.shares)


class SyntheticImages:
    """Draws (image, target fractions) pairs; the same seed gives the same sequence.

        images = SyntheticImages(label_maps, table, SynthesisRule(), seed=0)
        image, fractions = next(iter(images))      # (72, 72, 72), (C, 72, 72, 72)

    label_maps are arrays of part indices (K, J, I) in RAS orientation. Every voxel of an image averages eight samples
    of them, so that partial volume is exact. C counts the targets of the table, the background first. In a mirrored
    image left and right targets are exchanged. Everything is computed on device, which decides over the noise too.
    """

    def __init__(
        self,
        label_maps: list[Tensor],
        table: LabelTable,
        rule: SynthesisRule,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self._label_maps = [label_map.to(device) for label_map in label_maps]
        self._table = table
        self._target_of_part = torch.from_numpy(table.target_of_part).to(device)
        self._is_brain_target = torch.from_numpy(table.is_brain_target).to(device)
        self._rule = rule
        self._seed = seed
        self._device = device
        brain = torch.from_numpy(table.is_brain_part)
        self._brain_boxes = [_bounding_box(brain[label_map.long()]) for label_map in label_maps]

    def draw(self, index: int, contrast: Contrast | None = None) -> tuple[Tensor, Tensor]:
        """Pair number index: image (K, J, I) about 0 to 1, target fractions (C, K, J, I).

        The image has the given contrast, or one of the mixture.
        """
        rule = self._rule
        generator = np.random.default_rng((self._seed, index))
        progress = index / rule.curriculum_examples if index < rule.curriculum_examples else 1.0
        strength = rule.first_strength + (1.0 - rule.first_strength) * progress
        which = int(generator.integers(len(self._label_maps)))
        low, high = self._brain_boxes[which]
        # Crops around the inner part of the brain: at its border most of a crop would be air.
        centre = low + (high - low) * generator.uniform(0.2, 0.8, 3)
        step = rule.spacing_mm / rule.label_spacing_mm / _SUPERSAMPLING
        samples = rule.crop_voxel * _SUPERSAMPLING
        lookup = draw_lookup(centre, samples, step, rule.deformation.at_strength(strength), generator, self._device)
        parts = look_up(self._label_maps[which], lookup.positions_kji).long()
        contrast = contrast or draw_contrast(generator, progress, rule.shares)
        smooth = generator.uniform() < rule.smooth_probability
        values, targets = self._values(parts, contrast, generator), self._target_of_part[parts]
        fractions = _block_means(torch.ones_like(values), targets, len(self._table.targets))
        if smooth:
            signals, fractions = _smooth_anatomy(_block_means(values, targets, len(fractions)), fractions, generator)
        else:  # what the background adds is told apart from all the rest, which is much less to compute
            signals = _block_means(values, targets.clamp_max(1), 2)
        if generator.uniform() < strength * rule.skull_strip_probability:
            brain = extracted_brain(fractions, self._is_brain_target, generator)
            signals, fractions = _only_within(brain, signals, fractions)
            signals[0] = 0.0
        if rule.crop_probability and generator.uniform() < strength * rule.crop_probability:
            signals, fractions = _only_within(cropped_field(fractions[0], generator), signals, fractions)
        if lookup.is_mirrored:
            fractions = fractions[torch.from_numpy(self._table.mirrored_targets)]
        return draw_appearance(signals.sum(0), rule.appearance.at_strength(strength), generator), fractions

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        index = 0
        while True:
            yield self.draw(index)
            index += 1

    def _values(self, parts: Tensor, contrast: Contrast, generator: np.random.Generator) -> Tensor:
        """The intensity of every sample, with a texture."""
        table = self._table
        means = contrast.draw(table.structures, table.tissue_names, generator)[table.structure_of_part]
        values = torch.from_numpy(means).to(parts.device)[parts]
        return values + generator.uniform(0.0, _TEXTURE_SIGMA) * draw_noise(values, generator)


def _block_means(values: Tensor, targets: Tensor, count: int) -> Tensor:
    """For every target, what its samples add to the mean of each block of samples, (count, K, J, I)."""
    shape = torch.Size(length // _SUPERSAMPLING for length in values.shape)
    blocks = torch.arange(shape.numel(), device=values.device).reshape(shape)
    for axis in range(3):
        blocks = blocks.repeat_interleave(_SUPERSAMPLING, axis)
    sums = values.new_zeros(count * shape.numel())
    sums.scatter_add_(0, (targets * shape.numel() + blocks).reshape(-1), (values / _SUPERSAMPLING**3).reshape(-1))
    return sums.reshape(count, *shape)


def _smooth_anatomy(signals: Tensor, fractions: Tensor, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    sigma = generator.uniform(0.3, 1.0)
    signals, fractions = gaussian_blur(signals, sigma), gaussian_blur(fractions, sigma)
    growth = np.exp(np.concatenate([[0.0], generator.normal(0.0, 0.45, len(fractions) - 1)]))
    grown = torch.from_numpy(growth).to(fractions)[:, None, None, None]
    total = (fractions * grown).sum(0).clamp_min(1e-6)
    return signals * grown / total, fractions * grown / total


def _only_within(mask: Tensor, signals: Tensor, fractions: Tensor) -> tuple[Tensor, Tensor]:
    """What is outside of mask (K, J, I) becomes background without a signal."""
    kept = fractions[1:] * mask
    return signals * mask, torch.cat([1.0 - kept.sum(0, keepdim=True), kept])


def _bounding_box(mask: Tensor) -> tuple[np.ndarray, np.ndarray]:
    places = [mask.any(dim=tuple(a for a in range(3) if a != axis)).nonzero() for axis in range(3)]
    return np.array([int(p.min()) for p in places]), np.array([int(p.max()) for p in places])
