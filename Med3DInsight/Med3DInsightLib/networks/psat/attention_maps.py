"""What every query of every layer looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class LayerAttention(NamedTuple):
    """The weights of one decoder layer: among queries (B, S, H, Q, Q), and on tokens (B, S, H, Q, N)."""

    among_queries: Tensor
    on_tokens: Tensor


@dataclass(frozen=True)
class AttentionMaps:
    """The attention weights of all layers and heads, each row summing to 1.

    among_queries has shape (L, B, S, H, Q, Q) and on_tokens (L, B, S, H, Q, N) for L layers: element
    [l, b, s, h, q, n] is how much query q, asked for slice s of volume b, looked at token n in head h
    of layer l.

        maps = psat.attention(memory, places)
        memory.as_maps(maps.on_tokens[-1, 0, 0, :, 0])       # query 0 in the last layer, (H, k, j, i)
        memory.as_maps(maps.rollout()[0, 0, 0])              # over all layers, (k, j, i)
    """

    among_queries: Tensor
    on_tokens: Tensor

    @classmethod
    def stack(cls, layers: Sequence[LayerAttention]) -> AttentionMaps:
        """The maps of a decoder from those of its layers, first layer first."""
        among_queries, on_tokens = zip(*layers, strict=True)
        return cls(torch.stack(among_queries), torch.stack(on_tokens))

    def rollout(self) -> Tensor:
        """How much of each query came from each token through all layers, (B, S, Q, N), rows of sum 1."""
        return attention_rollout(self.among_queries, self.on_tokens)


def attention_rollout(among_queries: Tensor, on_tokens: Tensor) -> Tensor:
    """Attention followed back through all layers, (B, S, Q, N), each row summing to 1.

    Takes weights (L, B, S, H, Q, Q) and (L, B, S, H, Q, N). This is attention rollout (Abnar and
    Zuidema 2020, arXiv 2005.00928, section 3) for a decoder: heads are averaged, and a residual
    connection counts as half. Of every query, a share came from the queries at the start and a share
    from tokens; self-attention mixes both among queries, cross-attention takes half of the query's
    content from the tokens anew. The share of the queries at the start, 2^-L, is left out at the end.
    """
    mixing = among_queries.mean(dim=-3)
    looking = on_tokens.mean(dim=-3)
    from_tokens = torch.zeros_like(looking[0])
    for mix, look in zip(mixing, looking, strict=True):
        mixed = (from_tokens + mix @ from_tokens) / 2
        from_tokens = (mixed + look) / 2
    return from_tokens / from_tokens.sum(dim=-1, keepdim=True)
