"""How the windows of a volume are computed, and what to try when memory runs out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ...networks.backbones.backbone import Backbone
from .window_grid import Indices

_SMALLEST_WINDOW = 32
_WINDOWS_AT_ONCE = {"cuda": 4}  # elsewhere one: measured on a CPU, more cost memory and gain nothing


@dataclass(frozen=True)
class ComputePlan:
    """Where windows are computed, how many at once, how large they are (KJI, voxels), and what is kept.

    plan = ComputePlan.usual(torch.device("cuda"), (96, 96, 96))
    plan = plan.smaller(backbone)       # after memory ran out; None if nothing is left to try
    """

    device: torch.device
    windows_at_once: int
    window_kji: Indices
    full_window_kji: Indices
    keeps_features: bool

    @classmethod
    def usual(cls, device: torch.device, window_kji: Indices, keeps_features: bool = False) -> ComputePlan:
        """The plan to begin with: the window of the recipe."""
        return cls(device, _WINDOWS_AT_ONCE.get(device.type, 1), window_kji, window_kji, keeps_features)

    def smaller(self, backbone: Backbone) -> ComputePlan | None:
        """The next plan that needs less memory: fewer windows at once, then smaller ones, then the CPU.

        Before all that, features are no longer kept for other heads. Smaller windows show the network
        less context than it was trained with, so they come after what changes nothing, and only where
        the network accepts them.
        """
        if self.keeps_features:
            return replace(self, keeps_features=False)
        if self.windows_at_once > 1:
            return replace(self, windows_at_once=1)
        half = tuple(max(_SMALLEST_WINDOW, size // 2) for size in self.window_kji)
        accepted = backbone.window_kji is None and all(size % backbone.strides[-1] == 0 for size in half)
        shrinks = half != self.window_kji and all(new <= old for new, old in zip(half, self.window_kji, strict=True))
        if accepted and shrinks:
            return replace(self, window_kji=(half[0], half[1], half[2]))
        if self.device.type != "cpu":
            return ComputePlan.usual(torch.device("cpu"), self.full_window_kji)
        return None

    def __str__(self) -> str:
        size = "x".join(str(voxel) for voxel in self.window_kji[::-1])
        many = f"{self.windows_at_once} windows" if self.windows_at_once > 1 else "one window"
        kept = ", keeping features" if self.keeps_features else ""
        return f"{many} of {size} voxels at a time on {self.device.type.upper()}{kept}"
