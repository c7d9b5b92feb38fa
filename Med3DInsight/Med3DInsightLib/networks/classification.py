"""A backbone that says what a whole volume is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

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

    The maxima keep what is small: a mean over the volume hardly notices it. With mirrored_axes_kji (0 is K, 1 J, 2 I),
    an embedding is the mean of those of all mirror images along these axes, once the network is in evaluation mode;
    while it learns, every embedding is that of one image. temperature divides the scores, so that
    probabilities mean what they say (Guo et al. 2017); familiarity tells how usual an embedding is.
    Both are learnt after training, and are 1 and unknown before.
    """

    temperature: Tensor

    def __init__(self, backbone: Backbone, classes: int, mirrored_axes_kji: Sequence[int] = ()) -> None:
        super().__init__()
        width = 2 * backbone.channels[-1]
        self.backbone = backbone
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(_DROPOUT)
        self.head = nn.Linear(width, classes)
        self.familiarity = Familiarity(width)
        self.register_buffer("temperature", torch.ones(()))
        self.classes = classes
        self.mirrored_axes_kji = tuple(mirrored_axes_kji)

    def embed(self, x: Tensor) -> Tensor:
        """Embeddings (B, W) of x, (B, in_channels, K, J, I)."""
        return self.averaged(self.embedding_of(self.backbone(x)[-1]), x)

    def averaged(self, embedding: Tensor, x: Tensor) -> Tensor:
        """The mean of embedding (B, W), which is that of x itself, and of those of the mirror images of x."""
        if self.training or not self.mirrored_axes_kji:
            return embedding
        total, images = embedding, 1
        for axes in self._mirrorings():  # one after another: all at once would take as many times the memory
            total = total + self.embedding_of(self.backbone(x.flip(axes))[-1])
            images += 1
        return total / images

    def embedding_of(self, coarsest: Tensor) -> Tensor:
        """Embeddings (B, W) of the coarsest features, (B, C, k, j, i), of one image each."""
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

    def _mirrorings(self) -> list[tuple[int, ...]]:
        """The axes of (B, C, K, J, I) along which each mirror image is flipped."""
        axes = [axis + 2 for axis in self.mirrored_axes_kji]
        return [chosen for count in range(1, len(axes) + 1) for chosen in combinations(axes, count)]
