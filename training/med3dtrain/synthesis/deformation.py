"""Random shapes: where every voxel of a synthetic image is looked up in its label map."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class DeformationRule:
    """How far shapes may differ from the label map; lengths are in voxels of the label map."""

    rotation_deg: float = 20.0
    scaling: float = 0.18
    shearing: float = 0.08
    flip_probability: float = 0.5
    warp_nodes: tuple[int, int] = (4, 9)
    warp_sigma_voxel: float = 3.5

    def at_strength(self, strength: float) -> DeformationRule:
        """The same with a share of the rotation, scaling, shearing and displacement; mirroring is kept."""
        return replace(
            self,
            rotation_deg=strength * self.rotation_deg,
            scaling=strength * self.scaling,
            shearing=strength * self.shearing,
            warp_sigma_voxel=strength * self.warp_sigma_voxel,
        )


@dataclass(frozen=True)
class Lookup:
    """Where samples are looked up, (K, J, I, 3) in KJI voxels of a label map, and whether the left is on the right."""

    positions_kji: Tensor
    is_mirrored: bool


def draw_lookup(
    centre_kji: np.ndarray,
    size: int,
    step: float,
    rule: DeformationRule,
    generator: np.random.Generator,
    device: torch.device | str = "cpu",
) -> Lookup:
    """A deformed cube of positions, shape (size, size, size, 3), on device.

    The cube has size samples a side, step label-map voxels apart, around centre_kji. A random
    affine is followed by a smooth random displacement (linear upsampling of a coarse normal grid).
    """
    axis = (torch.arange(size, dtype=torch.float32, device=device) - (size - 1) / 2) * step
    matrix_kji = _draw_matrix(rule, generator)
    matrix = torch.from_numpy(matrix_kji).float().to(device)
    # The affine acts on each axis separately, so three outer sums replace a matrix product per voxel.
    positions = (
        axis[:, None, None, None] * matrix[:, 0]
        + axis[None, :, None, None] * matrix[:, 1]
        + axis[None, None, :, None] * matrix[:, 2]
    )
    positions += torch.from_numpy(np.asarray(centre_kji, dtype=np.float32)).to(device)
    nodes = int(generator.integers(rule.warp_nodes[0], rule.warp_nodes[1] + 1))
    strength = rule.warp_sigma_voxel * generator.uniform()
    coarse = torch.from_numpy(generator.normal(0.0, strength, (1, 3, nodes, nodes, nodes))).float().to(device)
    warp = functional.interpolate(coarse, size=(size,) * 3, mode="trilinear", align_corners=True)
    return Lookup(positions + warp[0].permute(1, 2, 3, 0), bool(np.linalg.det(matrix_kji) < 0.0))


def look_up(label_map: Tensor, positions: Tensor) -> Tensor:
    """Values of label_map (K, J, I) at the nearest voxel of positions (..., 3); 0 outside."""
    nearest = positions.round_().long()
    inside = torch.ones(nearest.shape[:-1], dtype=torch.bool, device=nearest.device)
    for axis, length in enumerate(label_map.shape):
        inside &= (nearest[..., axis] >= 0) & (nearest[..., axis] < length)
        nearest[..., axis].clamp_(0, length - 1)
    _, rows, columns = label_map.shape
    flat = (nearest[..., 0] * rows + nearest[..., 1]) * columns + nearest[..., 2]
    return label_map.reshape(-1)[flat] * inside


def _draw_matrix(rule: DeformationRule, generator: np.random.Generator) -> np.ndarray:
    rotation = np.eye(3)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        angle = np.deg2rad(generator.uniform(-rule.rotation_deg, rule.rotation_deg))
        turn = np.eye(3)
        turn[[first, second], [first, second]] = np.cos(angle)
        turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
        rotation = rotation @ turn
    shear = np.eye(3) + generator.uniform(-rule.shearing, rule.shearing, (3, 3)) * (1 - np.eye(3))
    scale = np.exp(generator.uniform(-rule.scaling, rule.scaling) + generator.uniform(-0.06, 0.06, 3))
    # The left-right axis (I, the last) may be mirrored: a brain is nearly the same on both sides.
    mirror = np.diag([1.0, 1.0, -1.0 if generator.uniform() < rule.flip_probability else 1.0])
    return np.asarray(rotation @ shear @ np.diag(scale) @ mirror)
