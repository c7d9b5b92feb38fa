"""The plane-slice-aware transformer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...volumes.grid import Grid
from ...volumes.slices import SlicePlace
from .attention_maps import AttentionMaps
from .conditioning import Conditioning
from .decoder import Decoder
from .queries import LearnableQueries
from .read_out import ReadOut
from .slice_batch import SliceBatch
from .token_memory import TokenMemory
from .token_projection import TokenProjection

Places = Sequence[Sequence[SlicePlace]]
"""For each of B volumes the same number S of slices."""

_SLICES_AT_ONCE = 16


class PSAT(nn.Module):
    """Reads the features of a volume as seen from a slice, into the space of a 2D teacher.

    The embedding of a slice is what a frozen image-text model says about that slice's picture and its
    description (arXiv 2509.09064, section III). Built by build_psat() from settings.

        psat = build_psat(PsatSettings(), backbone.channels, backbone.strides)
        memory = psat.remember(backbone(x), [grid])                         # the encoder runs once
        one = psat.read(memory, [[slice_of(grid, Plane.AXIAL, 80)]])        # (1, 1, 512)
        all_of_them = psat.read(memory, [slices_of(grid, Plane.AXIAL)])     # (1, S, 512)
        maps = psat.attention(memory, [[slice_of(grid, Plane.AXIAL, 80)]])  # weights by layer and head

    Slices share the tokens of their volume: keys and values are made once, and reading many slices in
    one call gives what reading them one by one does, up to rounding. condition_tokens says whether plane
    and slice are added to the tokens too, as they are in the paper, or to the queries only.
    """

    def __init__(
        self,
        tokens: TokenProjection,
        conditioning: Conditioning,
        queries: LearnableQueries,
        decoder: Decoder,
        read_out: ReadOut,
        condition_tokens: bool = False,
    ) -> None:
        super().__init__()
        self.tokens = tokens
        self.conditioning = conditioning
        self.queries = queries
        self.decoder = decoder
        self.read_out = read_out
        self.condition_tokens = condition_tokens

    def forward(self, features: Sequence[Tensor], fields_of_view: Sequence[Grid], places: Places) -> Tensor:
        """Embeddings (B, S, embedding) of places in volumes; see remember() and read()."""
        return self.read(self.remember(features, fields_of_view), places)

    def remember(self, features: Sequence[Tensor], fields_of_view: Sequence[Grid]) -> TokenMemory:
        """The tokens of a backbone's features (finest first) of B volumes seen on fields_of_view (B).

        Raises ValueError if the features do not cover the fields of view.
        """
        memory: TokenMemory = self.tokens(features[-len(self.tokens.strides) :], fields_of_view)
        return memory

    def read(self, memory: TokenMemory, places: Places, slices_at_once: int = _SLICES_AT_ONCE) -> Tensor:
        """The embedding of every place, (B, S, embedding).

        slices_at_once bounds the memory: not more slices of each volume are in work at a time.
        Raises ValueError if the conditioning does not know a place.
        """
        tokens = self.decoder.keys_values(memory.tokens)
        embeddings = []
        for slices in self._slices(memory, places).chunks(slices_at_once):
            condition = self.conditioning(slices)
            added = condition if self.condition_tokens else None
            queries = self.decoder(self.queries(condition), tokens, self.read_out.rows, added)
            embeddings.append(self.read_out(queries))
        return torch.cat(embeddings, dim=1)

    def attention(self, memory: TokenMemory, places: Places) -> AttentionMaps:
        """What every query looked at for every place; large, so ask for few places."""
        condition = self.conditioning(self._slices(memory, places))
        tokens = self.decoder.keys_values(memory.tokens)
        added = condition if self.condition_tokens else None
        return self.decoder.attention(self.queries(condition), tokens, added)

    def _slices(self, memory: TokenMemory, places: Places) -> SliceBatch:
        return SliceBatch.of(places, memory.fields_of_view, memory.tokens.device)
