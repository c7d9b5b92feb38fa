"""What every loss of the alignment takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Pairs:
    """Read-outs (N, D) and the teacher's embeddings of their own slice or caption (N, D), all of length 1.

    Row n of one belongs to row n of the other. The first rows are this step's pairs; older pairs from a
    memory queue may follow.
    """

    read_outs: Tensor
    teacher: Tensor


@dataclass(frozen=True)
class PairLosses:
    """The loss of every pair of this step (T, N) and how much it counts (T, N); weights of a term sum to 1.

    The loss of a term is the weighted sum; weights carry no gradient.
    """

    losses: Tensor
    weights: Tensor


class LossMode(Protocol):
    """One way to turn pairs into losses.

        losses = mode([image_pairs, text_pairs], present=64, mass=torch.tensor([0.95, 0.7]))

    terms are T sets of equally many pairs (image, text), of which the first `present` are this step's
    and get a loss; the others are only what these must not be confused with. mass (T) is the share of all
    pairs that may be matched, for the modes that have it.
    """

    def __call__(self, terms: Sequence[Pairs], present: int, mass: Tensor) -> PairLosses:
        """See the class."""
