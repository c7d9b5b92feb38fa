"""Where a teacher computes."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

_DTYPES = (torch.float32, torch.bfloat16, torch.float16)


@dataclass(frozen=True)
class Placement:
    """Device, number format, and how many pictures or texts are computed at once.

    Raises ValueError for a number format that is not a floating one, or a batch below 1.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    batch: int = 32

    def __post_init__(self) -> None:
        if self.dtype not in _DTYPES:
            raise ValueError(f"a teacher computes in one of {_DTYPES}, not in {self.dtype}")
        if self.batch < 1:
            raise ValueError(f"a batch of {self.batch} is empty")
