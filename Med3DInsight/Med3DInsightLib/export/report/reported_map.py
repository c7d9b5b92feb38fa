"""Attention and other maps of where in a volume something was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...analysis.saliency.saliency_map import SaliencyMap
from ...analysis.slices.attention_choice import AttentionChoice
from ...analysis.slices.attention_stack import AttentionStack
from ...volumes import ANATOMICAL_PLANES, Grid, Plane, SlicePlace, slice_of
from ...volumes.coarse_maps import map_on_grid
from ...volumes.slices import slice_axis
from .model_reference import ModelReference


@dataclass(frozen=True, eq=False)
class ReportedMap:
    """Values (k, j, i), float32, on a grid in RAS mm, and what they are about.

        ReportedMap.of_saliency("Grad-CAM", explained.saliency, ModelReference.of(card))
        ReportedMap.of_attention(stack, 80, ModelReference.of(card))

    method is its usual name, subject the class or phrase, "" for attention. place is the slice that was asked about,
    None for a map about the whole volume; choice tells layer and head of an attention.
    """

    method: str
    subject: str
    model: ModelReference
    values_kji: NDArray[np.float32]
    grid: Grid
    place: SlicePlace | None = None
    choice: AttentionChoice | None = None

    @classmethod
    def of_saliency(
        cls, method: str, saliency: SaliencyMap, model: ModelReference, place: SlicePlace | None = None
    ) -> ReportedMap:
        """What speaks for a class; with a place, what speaks for a phrase in that slice."""
        return cls(method, saliency.subject, model, saliency.values_kji, saliency.grid, place)

    @classmethod
    def of_attention(cls, stack: AttentionStack, index: int, model: ModelReference) -> ReportedMap:
        """What an encoder looked at for the slice with that index; raises KeyError if the stack does not have it."""
        number = {place.index: number for number, place in enumerate(stack.places)}[index]
        return cls("attention", "", model, stack.maps_kji[number], stack.grid, stack.places[number], stack.choice)

    def on_grid(self, target: Grid) -> NDArray[np.float32]:
        """The values at the voxels of target, as AttentionStack and SaliencyMap bring them there."""
        border = 1 if self.choice is not None else 0
        return map_on_grid(self.values_kji, self.grid, target, border_voxel=border)

    @property
    def strongest_ras_mm(self) -> NDArray[np.float64]:
        """The middle of the cell with the highest value; of equal ones the first."""
        k, j, i = np.unravel_index(int(self.values_kji.argmax()), self.values_kji.shape)
        return self.grid.ras_of((i, j, k))

    def shown_slices(self, grid: Grid) -> tuple[SlicePlace, ...]:
        """The slice that was asked about, or the slices of grid nearest to the highest value, one of each plane."""
        if self.place is not None:
            return (self.place,)
        return tuple(_nearest(grid, plane, self.strongest_ras_mm) for plane in ANATOMICAL_PLANES)


def _nearest(grid: Grid, plane: Plane, position_ras_mm: NDArray[np.float64]) -> SlicePlace:
    axis = slice_axis(grid, plane)
    # The middle of a coarse cell may lie outside the volume that it covers in part.
    index = int(np.clip(np.rint(grid.ijk_of(position_ras_mm)[axis]), 0, grid.shape_ijk[axis] - 1))
    return slice_of(grid, plane, index)
