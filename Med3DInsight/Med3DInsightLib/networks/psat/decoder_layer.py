"""One layer of the decoder."""

from __future__ import annotations

from torch import Tensor, nn

from .attention import Attention, KeysValues
from .attention_maps import LayerAttention


class DecoderLayer(nn.Module):
    """Self-attention among queries, cross-attention to tokens, feed-forward; each followed by LayerNorm.

    The post-norm decoder layer of DETR (Carion et al. 2020, arXiv 2005.12872, appendix A.3) without
    its position inputs: PSAT adds plane and slice once, before the first layer. Many slices share the
    tokens of their volume: what plane and slice add to the tokens, if anything, is added where it
    arrives instead (see Attention.of_constant).

        layer = DecoderLayer(width=768, heads=8, feed_forward=2048, dropout=0.1)
        queries, _ = layer(queries, layer.keys_values(tokens), condition)        # (B, S, Q, W)
    """

    def __init__(self, width: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.self_attention = Attention(width, heads, dropout)
        self.cross_attention = Attention(width, heads, dropout)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, feed_forward), nn.ReLU(), nn.Dropout(dropout), nn.Linear(feed_forward, width)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def keys_values(self, tokens: Tensor) -> KeysValues:
        """Tokens (B, N, W), not conditioned, ready to be attended."""
        return self.cross_attention.keys_values(tokens)

    def forward(
        self,
        queries: Tensor,
        tokens: KeysValues,
        added: Tensor | None = None,
        rows: int | None = None,
        weights: bool = False,
    ) -> tuple[Tensor, LayerAttention | None]:
        """The first rows (default: all) of the queries after this layer, and the weights if asked for.

        queries (B, S, Q, W) are conditioned already; added (B, S, W) is what each slice adds to every
        token. The result has shape (B, S, rows, W). Every row sees all Q queries.
        """
        volumes, slices = queries.shape[:2]
        of_slices = queries.flatten(0, 1)
        kept = of_slices[:, :rows]
        among = self.self_attention.keys_values(of_slices)
        found, among_queries = self.self_attention(kept, among, weights)
        kept = self.norms[0](kept + self.dropout(found)).unflatten(0, (volumes, slices))

        found, on_tokens = self.cross_attention(kept.flatten(1, 2), tokens, weights)
        found = found.unflatten(1, (slices, -1))
        if added is not None:
            found = found + self.cross_attention.of_constant(added).unsqueeze(2)
        kept = self.norms[1](kept + self.dropout(found))

        kept = self.norms[2](kept + self.dropout(self.feed_forward(kept)))
        if among_queries is None or on_tokens is None:
            return kept, None
        return kept, LayerAttention(
            among_queries.unflatten(0, (volumes, slices)), on_tokens.unflatten(2, (slices, -1)).transpose(1, 2)
        )
