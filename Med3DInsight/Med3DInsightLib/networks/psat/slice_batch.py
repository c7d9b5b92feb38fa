"""Slices as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from ...volumes.grid import Grid
from ...volumes.slices import Plane, SlicePlace, centre_ras_mm, half_extent_mm

PLANE_NUMBERS = {Plane.AXIAL: 0, Plane.CORONAL: 1, Plane.SAGITTAL: 2, Plane.OBLIQUE: 3}
"""The order of planes in the paper's table; oblique planes come after it."""


@dataclass(frozen=True)
class SliceBatch:
    """S slices of each of B volumes, as numbers that a network can read.

    planes (PLANE_NUMBERS) and indices are (B, S) integers; normals_ras is (B, S, 3); offsets_mm (B, S)
    is how far a slice is from the centre of the field of view along its normal, with a sign, and
    half_extents_mm (B, S) how far the field of view reaches in that direction, both in mm.

    The field of view is what the encoder saw: a window, not always the whole volume. So the numbers do
    not depend on where the scanner's origin was, and a slice means the same as the tokens' positions.
    """

    planes: Tensor
    indices: Tensor
    normals_ras: Tensor
    offsets_mm: Tensor
    half_extents_mm: Tensor

    @classmethod
    def of(
        cls,
        places: Sequence[Sequence[SlicePlace]],
        fields_of_view: Sequence[Grid],
        device: torch.device | str = "cpu",
    ) -> SliceBatch:
        """The slices at places (B sequences of S) for volumes that were seen on fields_of_view (B).

        Raises ValueError if the volumes do not have the same number of slices, or none.
        """
        counts = {len(of_volume) for of_volume in places}
        if len(places) != len(fields_of_view) or len(counts) != 1 or counts == {0}:
            raise ValueError(
                f"{len(places)} volumes with {sorted(counts)} slices do not fit {len(fields_of_view)} fields of view"
            )
        centres = [centre_ras_mm(grid) for grid in fields_of_view]
        pairs = list(zip(places, fields_of_view, strict=True))

        def real(values: Sequence[Sequence[object]]) -> Tensor:
            return torch.tensor(values, dtype=torch.float32, device=device)

        return cls(
            torch.tensor([[PLANE_NUMBERS[place.plane] for place in row] for row in places], device=device),
            torch.tensor([[place.index for place in row] for row in places], device=device),
            real([[place.normal_ras for place in row] for row in places]),
            real([[p.offset_mm(centre) for p in row] for row, centre in zip(places, centres, strict=True)]),
            real([[half_extent_mm(grid, place.normal_ras) for place in row] for row, grid in pairs]),
        )

    @property
    def slices(self) -> int:
        """How many slices of each volume there are."""
        return int(self.planes.shape[1])

    def chunks(self, size: int) -> Iterator[SliceBatch]:
        """The same slices, size at once."""
        parts = [getattr(self, field.name).split(size, dim=1) for field in fields(self)]
        for chunk in zip(*parts, strict=True):
            yield SliceBatch(*chunk)
