"""The one interface of all 3D encoders."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from ...volumes.grid import Grid
from ..tokens import TokenGrid


class Backbone(nn.Module, ABC):
    """An encoder that turns a volume into features at several scales.

    Heads, PSAT and the decoder know encoders only through this class, so that any of them can be
    plugged in by name.

        backbone = build_backbone("segresnet", in_channels=1)
        features = backbone(torch.zeros(1, 1, 64, 64, 64))
        [tuple(f.shape) for f in features]      # finest first, (1, 16, 64, 64, 64) ...

    channels and strides describe the levels, finest first: level n has channels[n] channels and
    1 / strides[n] of the input's resolution along every axis. window_kji is the only input size the
    encoder accepts, or None if it accepts every multiple of its coarsest stride.
    """

    def __init__(
        self,
        in_channels: int,
        channels: tuple[int, ...],
        strides: tuple[int, ...],
        window_kji: tuple[int, int, int] | None = None,
    ) -> None:
        super().__init__()
        if len(channels) != len(strides):
            raise ValueError(f"{len(channels)} channel counts but {len(strides)} strides")
        if min(channels, default=0) < 1:
            raise ValueError(f"channels {list(channels)}; there is at least one level, and each has at least one")
        self.in_channels = in_channels
        self.channels = channels
        self.strides = strides
        self.window_kji = window_kji

    @abstractmethod
    def forward(self, x: Tensor) -> list[Tensor]:
        """Features of x, shape (B, in_channels, K, J, I), finest level first.

        Level n has shape (B, channels[n], K / strides[n], J / strides[n], I / strides[n]).
        """

    def tokens(self, x: Tensor, grid: Grid) -> TokenGrid:
        """The coarsest features of x, (B, in_channels, K, J, I), as tokens with RAS positions in mm.

        grid is where x is in the patient.
        """
        return TokenGrid.of_features(self(x)[-1], self.strides[-1], grid)
