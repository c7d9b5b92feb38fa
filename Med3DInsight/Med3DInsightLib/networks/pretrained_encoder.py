"""A backbone with the transformer that reads slices from it."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from ..volumes.grid import Grid
from .backbones.backbone import Backbone
from .psat.psat import PSAT, Places


class PretrainedEncoder(nn.Module):
    """What pretraining leaves: features for other heads, and embeddings of slices for text search.

    In a bundle the weights are those of the backbone under "backbone." and of PSAT under "psat.".

        encoder = load_network(Bundle.open(folder))
        encoder.backbone                                        # to be fine-tuned
        encoder(x, [grid], [slices_of(grid, Plane.AXIAL)])      # (1, S, embedding), x seen on grid
    """

    def __init__(self, backbone: Backbone, psat: PSAT) -> None:
        super().__init__()
        self.backbone = backbone
        self.psat = psat

    def forward(self, x: Tensor, fields_of_view: Sequence[Grid], places: Places) -> Tensor:
        """Embeddings (B, S, embedding) of places in x, (B, in_channels, K, J, I); see PSAT.read."""
        embeddings: Tensor = self.psat(self.backbone(x), fields_of_view, places)
        return embeddings
