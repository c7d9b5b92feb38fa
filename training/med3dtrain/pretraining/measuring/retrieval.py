"""Finding the right caption for a slice, and the right slice for a caption."""

from __future__ import annotations

import torch
from torch import Tensor


def recall_at(read_outs: Tensor, targets: Tensor, k: int) -> float:
    """Share of read-outs (N, D) whose own target (N, D) is among the k most similar ones; all of length 1.

    Similarity is the cosine. Targets that are the same, as two equal captions are, count as one. Another one
    that is exactly as similar as the right one counts as more similar, so that read-outs which say nothing score 0
    unless N <= k. Computed in float64.
    """
    similarities = read_outs.double() @ targets.double().T
    own = similarities.diagonal().unsqueeze(1)
    kind = torch.unique(targets, dim=0, return_inverse=True)[1]
    distinct = _first_of_each(kind)
    rivals = (similarities >= own) & (kind.unsqueeze(0) != kind.unsqueeze(1)) & distinct.unsqueeze(0)
    return float((rivals.sum(1) < k).double().mean())


def recall_of_read_outs_at(read_outs: Tensor, targets: Tensor, k: int) -> float:
    """Share of targets (N, D) for which a read-out (N, D) of theirs is among the k most similar ones.

    For a caption that several slices have, any of them is right. Ties count as in recall_at().
    """
    similarities = targets.double() @ read_outs.double().T
    kind = torch.unique(targets, dim=0, return_inverse=True)[1]
    right = kind.unsqueeze(0) == kind.unsqueeze(1)
    best = similarities.masked_fill(~right, -torch.inf).amax(1, keepdim=True)
    rivals = (similarities >= best) & ~right
    return float((rivals.sum(1) < k).double().mean())


def _first_of_each(kind: Tensor) -> Tensor:
    """Where (N) a kind is seen for the first time."""
    seen = kind.unsqueeze(0) == kind.unsqueeze(1)
    return ~torch.tril(seen, diagonal=-1).any(1)
