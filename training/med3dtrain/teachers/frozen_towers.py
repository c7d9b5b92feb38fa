"""Towers put together from a preparation and an encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from .errors import TeacherError
from .pictures import Picture, rgb_picture
from .placement import Placement
from .tower import TowerIdentity

Tokens = dict[str, Tensor]
"""What a text encoder reads: each entry is (B, T)."""

_Item = TypeVar("_Item")


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

        return _in_batches(items, embed_batch, self.identity, place.batch)


class FrozenTextTower:
    """Embeds texts; the twin of FrozenPictureTower.

    tokenize makes the tokens of a batch of texts, encode makes (B, width) of them.
    """

    def __init__(
        self,
        identity: TowerIdentity,
        tokenize: Callable[[Sequence[str]], Tokens],
        encode: Callable[[Tokens], Tensor],
        placement: Placement,
    ) -> None:
        self.identity = identity
        self._tokenize = tokenize
        self._encode = encode
        self._placement = placement

    def embed(self, items: Sequence[str]) -> Tensor:
        """See Tower.embed."""
        place = self._placement

        def embed_batch(texts: Sequence[str]) -> Tensor:
            tokens = self._tokenize(texts)
            return self._encode({name: tensor.to(place.device) for name, tensor in tokens.items()})

        return _in_batches(items, embed_batch, self.identity, place.batch)


def _in_batches(
    items: Sequence[_Item], embed_batch: Callable[[Sequence[_Item]], Tensor], identity: TowerIdentity, batch: int
) -> Tensor:
    """(N, width) of items, normalised in float32 whatever the encoder computes in."""
    parts = [torch.empty(0, identity.width)]
    with torch.no_grad():
        for first in range(0, len(items), batch):
            embeddings = embed_batch(items[first : first + batch]).float().cpu()
            finite = embeddings.isfinite().all(1)
            if not bool(finite.all()):
                number = first + int(finite.int().argmin())
                raise TeacherError(
                    f"{identity} gives no finite embedding for number {number} of {len(items)} {identity.kind}",
                    next_step="compute in float32, and check the weights",
                )
            parts.append(functional.normalize(embeddings, dim=1))
    return torch.cat(parts)
