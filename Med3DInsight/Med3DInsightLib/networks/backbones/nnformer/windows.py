"""Cutting features into windows, and which voxels of a window may see each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import torch
from einops import rearrange
from torch import Tensor
from torch.nn import functional

Size = tuple[int, int, int]


@dataclass(frozen=True)
class WindowCut:
    """Windows of equal size over features of any size, shifted by half a window or not.

    Features are filled up at the far ends to whole windows. A shift moves them cyclically (Liu et al.
    2021, arXiv 2103.14030, section 3.2), so that the number of windows stays; allowed() keeps apart
    what the shift brought together, and the filling from everything.

        cut = WindowCut.of((10, 12, 8), window_kji=(4, 4, 4), shifted=True)
        windows = cut.apply(x)              # (B, windows, voxels, C) of x (B, 10, 12, 8, C)
        x = cut.undo(windows)
    """

    size_kji: Size
    window_kji: Size
    shift_kji: Size

    @classmethod
    def of(cls, size_kji: Size, window_kji: Size, shifted: bool) -> WindowCut:
        """The cut for features of size_kji; along axes that one window covers there is no shift."""
        sizes = list(zip(size_kji, window_kji, strict=True))
        window = tuple(min(size, wanted) for size, wanted in sizes)
        shift = tuple(wanted // 2 if shifted and size > wanted else 0 for size, wanted in sizes)
        return cls(size_kji, (window[0], window[1], window[2]), (shift[0], shift[1], shift[2]))

    @property
    def filled_kji(self) -> Size:
        """The size of the features filled up to whole windows."""
        k, j, i = (ceil(size / wide) * wide for size, wide in zip(self.size_kji, self.window_kji, strict=True))
        return k, j, i

    def apply(self, x: Tensor) -> Tensor:
        """The windows (B, windows, voxels, C) of x, (B, K, J, I, C)."""
        missing = [filled - size for filled, size in zip(self.filled_kji, self.size_kji, strict=True)]
        if any(missing):
            x = functional.pad(x, (0, 0, 0, missing[2], 0, missing[1], 0, missing[0]))
        if any(self.shift_kji):
            x = x.roll([-shift for shift in self.shift_kji], dims=(1, 2, 3))
        return _windows(x, self.window_kji)

    def undo(self, windows: Tensor) -> Tensor:
        """Features (B, K, J, I, C) of windows (B, windows, voxels, C)."""
        k, j, i = (filled // wide for filled, wide in zip(self.filled_kji, self.window_kji, strict=True))
        wk, wj, wi = self.window_kji
        x = rearrange(windows, "b (k j i) (wk wj wi) c -> b (k wk) (j wj) (i wi) c", k=k, j=j, i=i, wk=wk, wj=wj, wi=wi)
        if any(self.shift_kji):
            x = x.roll(self.shift_kji, dims=(1, 2, 3))
        return x[:, : self.size_kji[0], : self.size_kji[1], : self.size_kji[2]]

    def allowed(self, device: torch.device) -> Tensor | None:
        """Which voxels may see which, (windows, voxels, voxels), or None if all of a window may.

        Filling sees only filling, so that no row is empty.
        """
        if not any(self.shift_kji) and self.filled_kji == self.size_kji:
            return None
        wrapped, filling = [], []
        for size, filled, shift in zip(self.size_kji, self.filled_kji, self.shift_kji, strict=True):
            before = torch.arange(filled, device=device) + shift
            wrapped.append(before >= filled)
            filling.append(before % filled >= size)
        k, j, i = torch.meshgrid(*[along.long() for along in wrapped], indexing="ij")
        k_out, j_out, i_out = torch.meshgrid(*filling, indexing="ij")
        regions = (4 * k + 2 * j + i).masked_fill(k_out | j_out | i_out, -1)
        of_windows = _windows(regions[None, ..., None], self.window_kji)[0, ..., 0]
        return of_windows.unsqueeze(1) == of_windows.unsqueeze(2)


def _windows(x: Tensor, window_kji: Size) -> Tensor:
    wk, wj, wi = window_kji
    return rearrange(x, "b (k wk) (j wj) (i wi) c -> b (k j i) (wk wj wi) c", wk=wk, wj=wj, wi=wi)
