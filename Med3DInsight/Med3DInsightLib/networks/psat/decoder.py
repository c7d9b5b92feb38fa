"""The stack of decoder layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from torch import Tensor, nn

from .attention import KeysValues
from .attention_maps import AttentionMaps, LayerAttention
from .decoder_layer import DecoderLayer


class Decoder(nn.Module):
    """Decoder layers one after the other, and a LayerNorm at the end, as in DETR.

    decoder = Decoder(lambda: DecoderLayer(768, 8, 2048, 0.1), layers=6, width=768)
    tokens = decoder.keys_values(memory.tokens)              # once for a volume
    read = decoder(queries, tokens, rows=1)                  # (B, S, 1, W), for any slices
    """

    def __init__(self, layer: Callable[[], DecoderLayer], layers: int, width: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layer() for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def keys_values(self, tokens: Tensor) -> list[KeysValues]:
        """Tokens (B, N, W), not conditioned, ready to be attended by each layer."""
        return [layer.keys_values(tokens) for layer in self._stack]

    def forward(self, queries: Tensor, tokens: Sequence[KeysValues], rows: int, added: Tensor | None = None) -> Tensor:
        """The first rows of queries (B, S, Q, W) after all layers, (B, S, rows, W).

        added (B, S, W) is what each slice adds to every token. Of the last layer only the rows are
        computed: nothing reads the others.
        """
        for layer, source in zip(self._stack[:-1], tokens[:-1], strict=True):
            queries, _ = layer(queries, source, added)
        queries, _ = self._stack[-1](queries, tokens[-1], added, rows)
        normalised: Tensor = self.norm(queries)
        return normalised

    def attention(self, queries: Tensor, tokens: Sequence[KeysValues], added: Tensor | None = None) -> AttentionMaps:
        """The attention weights of all layers, heads and queries (B, S, Q, W); see forward()."""
        layers = []
        for layer, source in zip(self._stack, tokens, strict=True):
            queries, weights = layer(queries, source, added, weights=True)
            layers.append(cast(LayerAttention, weights))
        return AttentionMaps.stack(layers)

    @property
    def _stack(self) -> list[DecoderLayer]:
        return cast("list[DecoderLayer]", list(self.layers))
