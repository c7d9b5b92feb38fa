"""Picture towers put together from a preparation and an encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import Image
from torch import Tensor

from Med3DInsightLib.networks.text_towers.frozen_text_tower import in_batches
from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.tower import TowerIdentity

from .pictures import Picture, rgb_picture


class FrozenPictureTower:
    """Embeds pictures.

        tower = FrozenPictureTower(identity, prepare, encode, Placement())
        tower.embed([png_bytes, grey_array])            # (2, identity.width)

    prepare makes a tensor (B, 3, rows, columns) of RGB pictures, encode makes (B, width) of that.
    """

    def __init__(
        self,
        identity: TowerIdentity,
        prepare: Callable[[list[Image.Image]], Tensor],
        encode: Callable[[Tensor], Tensor],
        placement: Placement,
    ) -> None:
        self.identity = identity
        self._prepare = prepare
        self._encode = encode
        self._placement = placement

    def embed(self, items: Sequence[Picture]) -> Tensor:
        """See Tower.embed."""
        place = self._placement

        def embed_batch(pictures: Sequence[Picture]) -> Tensor:
            pixels = self._prepare([rgb_picture(picture) for picture in pictures])
            return self._encode(pixels.to(place.device, place.dtype))

        return in_batches(items, embed_batch, self.identity, place.batch)
