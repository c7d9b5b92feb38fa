"""Costs and marginals that several tests solve."""

from __future__ import annotations

import torch
from torch.nn import functional


def embedding_cost(pairs, closeness=1.0, columns=None, dtype=torch.float64, seed=0):
    """Distances of noisy pairs of embeddings over their maximum; (pairs, columns or pairs)."""
    generator = torch.Generator().manual_seed(seed)
    size = max(pairs, columns or pairs)
    common, left, right = torch.randn(3, size, 32, dtype=dtype, generator=generator)
    x = functional.normalize(closeness * common + left, dim=-1)[:pairs]
    y = functional.normalize(closeness * common + right, dim=-1)[: columns or pairs]
    distances = torch.cdist(x, y)
    return distances / distances.max()


def random_masses(size, seed, dtype=torch.float64):
    """Positive, unequal, summing to 1."""
    masses = 0.2 + torch.rand(size, dtype=dtype, generator=torch.Generator().manual_seed(seed))
    return masses / masses.sum()
