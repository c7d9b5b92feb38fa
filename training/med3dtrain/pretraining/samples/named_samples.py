"""The samples of a step, to be told by name when something is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from .batch import Batch


@dataclass(frozen=True)
class Samples:
    """What went in and came out of a step for each of its N samples: targets and read_outs by term, (N, width)."""

    batch: Batch
    targets: Mapping[str, Tensor]
    read_outs: Mapping[str, Tensor]

    def broken(self) -> Tensor:
        """Which samples (N) have voxels, targets or read-outs that are not finite."""
        images = self.batch.images
        broken = ~images.flatten(1).isfinite().all(1).repeat_interleave(len(self.batch.slices) // len(images)).cpu()
        for rows in (*self.targets.values(), *self.read_outs.values()):
            broken |= ~rows.detach().isfinite().all(1).cpu()
        return broken

    def names(self, chosen: Tensor) -> list[str]:
        """What the samples where chosen (N) is true are called: their volume, their plane and their place in RAS."""
        all_names = [
            f"{name}, {place.plane} at {place.offset_ras_mm:.1f} mm"
            for name, of_crop in zip(self.batch.names, self.batch.places, strict=True)
            for place in of_crop
        ]
        return [all_names[number] for number in torch.nonzero(chosen)[:, 0].tolist()]
