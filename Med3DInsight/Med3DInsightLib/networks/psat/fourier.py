"""Positions as sines and cosines."""

from __future__ import annotations

import math

import torch
from torch import Tensor

SHORTEST_MM, LONGEST_MM = 32.0, 2048.0
"""Waves of positions. With shorter ones, slices 3 mm apart begin as different from each other as
strangers, and nothing learned for one carries over; the longest is longer than any scan."""


def angular_frequencies(shortest: float, longest: float, count: int) -> Tensor:
    """Frequencies (count,) in radians per unit, their wavelengths spaced geometrically, longest first."""
    steps = torch.arange(count, dtype=torch.float64) / max(1, count - 1)
    return (2 * math.pi / longest * (longest / shortest) ** steps).float()
