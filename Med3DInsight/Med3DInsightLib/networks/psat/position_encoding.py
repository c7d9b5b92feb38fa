"""Where tokens are, told to the network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .fourier import LONGEST_MM, SHORTEST_MM, angular_frequencies


class PositionEncoding(nn.Module):
    """Sines and cosines of where tokens are in the patient, in mm along R, A and S.

    The sine encoding of Vaswani et al. 2017 (section 3.5) in three dimensions and in mm, so that the
    distance between tokens means the same for every spacing and stride. A third of the channels belongs
    to each axis; channels that cannot be shared equally stay 0.

        PositionEncoding(width=768)(positions_ras_mm).shape      # (B, N, 768) for (B, N, 3)
    """

    frequencies: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        frequencies = angular_frequencies(SHORTEST_MM, LONGEST_MM, width // 6)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, positions_ras_mm: Tensor) -> Tensor:
        """Encodings (..., width) of positions (..., 3) relative to the centre of the field of view."""
        phases = (positions_ras_mm.unsqueeze(-1) * self.frequencies).flatten(-2)
        encoding = torch.cat([phases.sin(), phases.cos()], dim=-1)
        return functional.pad(encoding, (0, self.width - encoding.shape[-1]))
