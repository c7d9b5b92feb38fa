"""The one interface of everything that turns a slice into a vector."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from .slice_batch import SliceBatch


class Conditioning(nn.Module, ABC):
    """What a slice adds to all queries (and tokens), so that features are read as seen from it.

    condition = conditioning(SliceBatch.of(places, grids))       # (B, S, W)
    """

    @abstractmethod
    def forward(self, slices: SliceBatch) -> Tensor:
        """One vector for each slice, (B, S, W)."""


class NoConditioning(Conditioning):
    """Adds nothing: every slice of a volume reads the same. It shows what conditioning is worth."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, slices: SliceBatch) -> Tensor:
        """Zeros, (B, S, W)."""
        return slices.offsets_mm.new_zeros(*slices.offsets_mm.shape, self.width)
