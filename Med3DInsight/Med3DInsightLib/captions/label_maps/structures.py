"""Which structures a slice of a label map shows, where, and how much of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...volumes import Grid, Interpolation, LabelLayer, Plane, SlicePlace, resample
from ...volumes.slices import slice_axis
from ..errors import CaptionError
from ..pictures.foreground import BodyWidth
from .side import Side, side_of


@dataclass(frozen=True)
class StructureInSlice:
    """What a label map says about one structure in one slice.

    share is the part of the slice's voxels that belong to it, from 0 to 1. first and last are the indices
    of the first and last slice in this plane that show it, in the numbering of the array. side tells where
    it lies in the patient.
    """

    name: str
    side: Side
    share: float
    first: int
    last: int


class LabelledVolume:
    """The label maps of one volume, slice by slice.

        labelled = LabelledVolume(layers, volume.grid, BodyWidth.of(volume))
        labelled.in_slice(slice_of(volume.grid, Plane.AXIAL, 80))
        # (StructureInSlice(name='liver', side=<Side.RIGHT>, share=0.11, first=40, last=97), ...)

    Layers on other grids are brought to grid in physical space, by nearest neighbour. Several values of a
    layer may have one name, as the left and right part of a structure do; values without a name are not
    structures.

    Raises CaptionError if two layers have a structure of the same name, one has an empty name, or there
    are no structures.
    """

    def __init__(self, layers: Sequence[LabelLayer], grid: Grid, body: BodyWidth) -> None:
        self.grid = grid
        self.body = body
        self.names = tuple(sorted({name for layer in layers for name in layer.names.values()}))
        times = Counter(name for layer in layers for name in set(layer.names.values()))
        twice = sorted(name for name, count in times.items() if count > 1)
        if twice:
            raise CaptionError(f"the structure '{twice[0]}' is in two label maps", next_step="give them other names")
        if not all(name.strip(" _") for name in self.names):
            raise CaptionError("a structure of the label map has no name", next_step="name it or leave it out")
        if not self.names:
            raise CaptionError("the label map has no named structures", next_step="give the names of its values")
        self._numbers = [self._numbers_of(layer) for layer in layers]

    def voxels_by_slice(self, plane: Plane) -> Mapping[str, NDArray[np.int64]]:
        """How many voxels every structure has in each slice of plane, by index."""
        return dict(zip(self.names, self._voxels[plane].T, strict=True))

    def in_slice(self, place: SlicePlace) -> tuple[StructureInSlice, ...]:
        """The structures in the slice at place, the largest first."""
        axis = slice_axis(self.grid, place.plane)
        voxels = self._voxels[place.plane]
        here = voxels[place.index]
        right_mm = _right_mm(self.grid, axis, place.index)
        found = []
        for number in sorted(np.flatnonzero(here).tolist(), key=lambda number: (-int(here[number]), number)):
            where = [right_mm[layer.take(place.index, 2 - axis) == number + 1] for layer in self._numbers]
            slices = np.flatnonzero(voxels[:, number])
            found.append(
                StructureInSlice(
                    self.names[number],
                    side_of(np.concatenate(where), self.body),
                    float(here[number] / right_mm.size),
                    int(slices[0]),
                    int(slices[-1]),
                )
            )
        return tuple(found)

    @cached_property
    def _voxels(self) -> dict[Plane, NDArray[np.int64]]:
        """For each plane: voxels of every structure (columns) in every slice (rows)."""
        return {plane: self._count(plane) for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)}

    def _count(self, plane: Plane) -> NDArray[np.int64]:
        axis_kji = 2 - slice_axis(self.grid, plane)
        most = len(self.names) + 1
        per_layer = [
            [np.bincount(of_slice.ravel(), minlength=most)[1:] for of_slice in np.moveaxis(layer, axis_kji, 0)]
            for layer in self._numbers
        ]
        return np.asarray(np.array(per_layer, dtype=np.int64).sum(axis=0))

    def _numbers_of(self, layer: LabelLayer) -> NDArray[np.uint16]:
        """The layer (K, J, I) on the grid, with the number of the name, counted from 1, for every voxel."""
        values = np.array(sorted(layer.names))
        numbers = np.array([self.names.index(layer.names[value]) + 1 for value in values.tolist()], dtype=np.uint16)
        labels = resample(layer.volume, self.grid, Interpolation.NEAREST).array_kji
        result = np.zeros(labels.shape, dtype=np.uint16)
        for of_slice, numbered in zip(labels, result, strict=True):  # a slab at once needs little memory
            place = np.minimum(np.searchsorted(values, of_slice), len(values) - 1)
            numbered[...] = np.where(values[place] == of_slice, numbers[place], 0)
        return result


def _right_mm(grid: Grid, axis: int, index: int) -> NDArray[np.float64]:
    """The R coordinate (RAS, mm) of every voxel of a slice, in the order of array_kji without its axis."""
    steps_ijk = [np.array([index]) if other == axis else np.arange(n) for other, n in enumerate(grid.shape_ijk)]
    i, j, k = (steps * grid.ijk_to_ras[0, other] for other, steps in enumerate(steps_ijk))
    right_mm = grid.ijk_to_ras[0, 3] + k[:, None, None] + j[None, :, None] + i[None, None, :]
    return np.asarray(right_mm.squeeze(2 - axis))
