"""Conditioning on where a slice is in the patient, whatever grid it belongs to."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .conditioning import Conditioning
from .fourier import LONGEST_MM, SHORTEST_MM, angular_frequencies
from .slice_batch import SliceBatch

_WAVES_MM = 7
_WAVES_RELATIVE = 4
_SHORTEST_RELATIVE, _LONGEST_RELATIVE = 0.5, 4.0
_NORMAL_PAIRS = 6


class ContinuousConditioning(Conditioning):
    """A smooth function of a slice's normal and of its position, for any spacing and any plane.

    The position is the distance d of the slice from the centre of the field of view, in mm and
    relative to the field's half extent, as sines and cosines (Tancik et al. 2020, arXiv 2006.10739).
    Both are needed: mm for sizes that anatomy fixes, the relative one for "near the top of the scan".
    A small network turns them into the vector, whose entries start with the variance of the paper's
    table.

    A plane has two normals: (n, d) and (-n, -d) are the same slice, and a slice has no front and no
    back here, since images and captions of slices are always shown the radiological way. So the
    network sees only even terms, which are equal for both to the bit: the products n_a n_b, cos(w d),
    and sin(w d) n. Turning a plane through 180 degrees is thus smooth, with no jump where the sign
    of the normal would have to be chosen.

        conditioning = ContinuousConditioning(width=768)
        conditioning(SliceBatch.of([oblique_slices(grid, (0, 1, 1), step_mm=2)], [grid]))    # (1, S, 768)
    """

    frequencies_mm: Tensor
    frequencies_relative: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        in_mm = angular_frequencies(SHORTEST_MM, LONGEST_MM, _WAVES_MM)
        relative = angular_frequencies(_SHORTEST_RELATIVE, _LONGEST_RELATIVE, _WAVES_RELATIVE)
        self.register_buffer("frequencies_mm", in_mm, persistent=False)
        self.register_buffer("frequencies_relative", relative, persistent=False)
        terms = _NORMAL_PAIRS + 4 * (_WAVES_MM + _WAVES_RELATIVE)
        self.network = nn.Sequential(nn.Linear(terms, width), nn.GELU(), nn.Linear(width, width), nn.LayerNorm(width))

    def forward(self, slices: SliceBatch) -> Tensor:
        """The vector of each slice, (B, S, W)."""
        condition: Tensor = self.network(self.terms(slices))
        return condition

    def terms(self, slices: SliceBatch) -> Tensor:
        """The even terms of each slice, (B, S, terms), each between -1 and 1."""
        normals = slices.normals_ras
        first, second = torch.triu_indices(3, 3, device=normals.device)
        offsets = slices.offsets_mm.unsqueeze(-1)
        relative = offsets / slices.half_extents_mm.unsqueeze(-1)
        phases = torch.cat([offsets * self.frequencies_mm, relative * self.frequencies_relative], dim=-1)
        directed = phases.sin().unsqueeze(-1) * normals.unsqueeze(-2)
        return torch.cat([normals[..., first] * normals[..., second], phases.cos(), directed.flatten(-2)], dim=-1)
