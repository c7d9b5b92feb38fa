"""A backbone that says what a whole volume is."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .backbones.backbone import Backbone
from .familiarity import Familiarity

_DROPOUT = 0.2


class ClassificationNetwork(nn.Module):
    """Scores a volume for every class, from the means and maxima of the coarsest features.

        network = ClassificationNetwork(build_backbone("segresnet"), classes=2)
        embedding = network.embed(torch.zeros(1, 1, 64, 64, 64))       # (1, 2 * channels)
        network.scores(embedding)                                       # (1, 2)

    The maxima keep what is small: a mean over the volume hardly notices it. temperature divides the scores, so that
    probabilities mean what they say (Guo et al. 2017); familiarity tells how usual an embedding is.
    Both are learnt after training, and are 1 and unknown before.
    """

    temperature: Tensor

    def __init__(self, backbone: Backbone, classes: int) -> None:
        super().__init__()
        width = 2 * backbone.channels[-1]
        self.backbone = backbone
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(_DROPOUT)
        self.head = nn.Linear(width, classes)
        self.familiarity = Familiarity(width)
        self.register_buffer("temperature", torch.ones(()))
        self.classes = classes

    def embed(self, x: Tensor) -> Tensor:
        """Embeddings (B, W) of x, (B, in_channels, K, J, I)."""
        return self.embedding_of(self.backbone(x)[-1])

    def embedding_of(self, coarsest: Tensor) -> Tensor:
        """Embeddings (B, W) of the coarsest features, (B, C, k, j, i)."""
        tokens = coarsest.flatten(2)
        embedding: Tensor = self.norm(torch.cat([tokens.mean(-1), tokens.amax(-1)], dim=-1))
        return embedding

    def scores(self, embeddings: Tensor) -> Tensor:
        """Calibrated scores before softmax, (B, classes), of embeddings (B, W)."""
        scores: Tensor = self.head(self.dropout(embeddings)) / self.temperature
        return scores

    def forward(self, x: Tensor) -> Tensor:
        """Scores before softmax, (B, classes), of x, (B, in_channels, K, J, I)."""
        return self.scores(self.embed(x))
