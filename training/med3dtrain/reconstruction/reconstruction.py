"""The reconstruction of a training step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from .concealment import Concealment
from .cube_mask import CubeMask
from .decoder import ReconstructionDecoder
from .losses import hidden_squared_error, squared_error
from .settings import ReconstructionForm, ReconstructionSettings


@dataclass(frozen=True)
class SeenVolumes:
    """What the backbone may see (B, C, K, J, I), and what it may not (B, 1, K, J, I), None if it sees all."""

    volumes: Tensor
    hidden: Tensor | None


class Reconstruction(nn.Module):
    """Hides cubes of volumes, and asks the backbone's features what was there.

        reconstruction = Reconstruction(ReconstructionSettings(), backbone.channels, backbone.strides)
        seen = reconstruction.hide(volumes, samples=[40, 41])
        features = backbone(seen.volumes)
        loss = reconstruction.loss(features, volumes, seen.hidden)

    The same features can serve the alignment, which then works from the visible part too.
    """

    def __init__(
        self,
        settings: ReconstructionSettings,
        channels: tuple[int, ...],
        strides: tuple[int, ...],
        volume_channels: int = 1,
    ) -> None:
        super().__init__()
        masked = settings.form == ReconstructionForm.MASKED
        self.decoder = ReconstructionDecoder(channels, strides, volume_channels)
        self.conceal = Concealment(settings.filling, volume_channels) if masked else None
        self._mask = CubeMask(settings.fraction, settings.cube, settings.seed)

    def hide(self, volumes: Tensor, samples: Sequence[int]) -> SeenVolumes:
        """What the backbone is to see of volumes (B, C, K, J, I) that are the samples of these numbers (B).

        Raises ValueError if one cube covers a volume.
        """
        if self.conceal is None:
            return SeenVolumes(volumes, None)
        k, j, i = volumes.shape[2:]
        hidden = self._mask.draw((k, j, i), samples, volumes.device)
        return SeenVolumes(self.conceal(volumes, hidden), hidden)

    def loss(self, features: list[Tensor], volumes: Tensor, hidden: Tensor | None) -> Tensor:
        """A scalar: the error over hidden voxels, or over all if none is hidden.

        features are the backbone's of what hide() left, volumes (B, C, K, J, I) the originals.
        """
        restored = self.decoder(features)
        if hidden is None:
            return squared_error(restored, volumes)
        return hidden_squared_error(restored, volumes, hidden)
