"""Text towers put together from a tokenizer and an encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from .errors import TeacherError
from .placement import Placement
from .tower import TowerIdentity

Tokens = dict[str, Tensor]
"""What a text encoder reads: each entry is (B, T)."""

_Item = TypeVar("_Item")


class FrozenTextTower:
    """Embeds texts.

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

        return in_batches(items, embed_batch, self.identity, place.batch)


def in_batches(
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
