"""Random appearance: what a scanner does to the intensities of a synthetic image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class AppearanceRule:
    """How strong the effects may be and how often they occur."""

    bias_sigma: float = 0.2
    noise_sigma: float = 0.06
    blur_voxel: float = 0.7
    thick_slice_probability: float = 0.2
    thick_slice_voxel: float = 3.5
    gamma_sigma: float = 0.1
    reversal_probability: float = 0.02
    gain: float = 0.15

    def at_strength(self, strength: float) -> AppearanceRule:
        """The same with a share of the effects, or of how often they occur."""
        return replace(
            self,
            bias_sigma=strength * self.bias_sigma,
            noise_sigma=strength * self.noise_sigma,
            blur_voxel=strength * self.blur_voxel,
            thick_slice_probability=strength * self.thick_slice_probability,
            gamma_sigma=strength * self.gamma_sigma,
            reversal_probability=strength * self.reversal_probability,
            gain=strength * self.gain,
        )


def draw_appearance(image: Tensor, rule: AppearanceRule, generator: np.random.Generator) -> Tensor:
    """Image (K, J, I) with bias field, blur, thick slices, noise, gamma and reversal; about 0 to 1."""
    image = image * _bias_field(image, rule, generator)
    image = gaussian_blur(image[None], generator.uniform(0.0, rule.blur_voxel))[0]
    if generator.uniform() < rule.thick_slice_probability:
        image = _thick_slices(image, int(generator.integers(3)), generator.uniform(1.3, rule.thick_slice_voxel))
    sigma = rule.noise_sigma * generator.uniform() ** 2
    image = image + sigma * draw_noise(image, generator)
    image = scale_to_unit(image)
    image = image.clamp_min(0.0) ** float(np.exp(generator.normal(0.0, rule.gamma_sigma)))
    if generator.uniform() < rule.reversal_probability:
        image = image.max() - image
    return image * float(generator.uniform(1.0 - rule.gain, 1.0 + rule.gain / 2))


def gaussian_blur(channels: Tensor, sigma_voxel: float) -> Tensor:
    """Channels (C, K, J, I) blurred by a Gaussian, edges repeated; unchanged below 0.2 voxel."""
    if sigma_voxel < 0.2:
        return channels
    radius = max(1, int(np.ceil(2.5 * sigma_voxel)))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma_voxel) ** 2)
    taps = (taps / taps.sum()).to(channels)
    for axis in (1, 2, 3):
        moved = channels.movedim(axis, -1)
        rows = functional.pad(moved.reshape(-1, 1, moved.shape[-1]), (radius, radius), mode="replicate")
        channels = functional.conv1d(rows, taps[None, None]).reshape(moved.shape).movedim(-1, axis)
    return channels


def scale_to_unit(image: Tensor) -> Tensor:
    """Image with its 0.5 and 99.5 percentiles at 0 and 1, as the recipe does at inference."""
    # A strided sample is enough for percentiles and a hundred times cheaper than sorting everything.
    sample = image.reshape(-1)[::37]
    low, high = torch.quantile(sample, torch.tensor([0.005, 0.995]).to(sample))
    unit: Tensor = (image - low) / (high - low).clamp_min(1e-3)
    return unit


def draw_noise(like: Tensor, generator: np.random.Generator) -> Tensor:
    """Standard normal noise of the shape of like, drawn on its device."""
    on_device = torch.Generator(like.device).manual_seed(int(generator.integers(2**63)))
    return torch.randn(like.shape, generator=on_device, device=like.device)


def _bias_field(image: Tensor, rule: AppearanceRule, generator: np.random.Generator) -> Tensor:
    nodes = int(generator.integers(2, 5))
    strength = rule.bias_sigma * generator.uniform()
    coarse = torch.from_numpy(generator.normal(0.0, strength, (1, 1, nodes, nodes, nodes))).float().to(image)
    field: Tensor = functional.interpolate(coarse, size=tuple(image.shape), mode="trilinear", align_corners=True)[0, 0]
    return field.exp()


def _thick_slices(image: Tensor, axis: int, thickness_voxel: float) -> Tensor:
    length = image.shape[axis]
    size = list(image.shape)
    size[axis] = max(2, round(length / thickness_voxel))
    coarse = functional.interpolate(image[None, None], size=size, mode="area")
    return functional.interpolate(coarse, size=tuple(image.shape), mode="trilinear", align_corners=False)[0, 0]
