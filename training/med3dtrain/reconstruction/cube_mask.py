"""Which voxels of a sample are hidden."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

Size = tuple[int, int, int]


class CubeMask:
    """Hides a fixed share of the cubes that a volume is divided into.

        mask = CubeMask(fraction=0.6, cube=16, seed=0)
        hidden = mask.draw((128, 128, 128), samples=[40, 41])       # (2, 1, 128, 128, 128), bool

    A sample, called by a number, has the same mask whatever batch or process it is in, so a resumed run
    hides what an undisturbed one would. Cubes begin at voxel 0; those at the far side may be cut off. At least one
    cube is hidden and at least one is seen.
    """

    def __init__(self, fraction: float, cube: int, seed: int) -> None:
        self._fraction = fraction
        self._cube = cube
        self._seed = seed

    def draw(self, shape_kji: Size, samples: Sequence[int], device: torch.device | None = None) -> Tensor:
        """True where hidden, (len(samples), 1, K, J, I).

        Raises ValueError if one cube covers the whole volume.
        """
        cubes_kji = [-(-size // self._cube) for size in shape_kji]
        count = int(np.prod(cubes_kji))
        if count < 2:
            raise ValueError(f"one cube of {self._cube} voxels covers a volume of {shape_kji} voxels (KJI)")
        hidden_cubes = min(max(round(self._fraction * count), 1), count - 1)
        cubes = torch.zeros(len(samples), count, dtype=torch.bool)
        for row, sample in zip(cubes, samples, strict=True):
            chosen = np.random.default_rng([self._seed, sample]).permutation(count)[:hidden_cubes]
            row[torch.from_numpy(chosen)] = True
        hidden = cubes.reshape(-1, 1, *cubes_kji).to(device)
        for axis in (2, 3, 4):
            hidden = hidden.repeat_interleave(self._cube, dim=axis)
        return hidden[..., : shape_kji[0], : shape_kji[1], : shape_kji[2]]
