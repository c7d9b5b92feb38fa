"""The alignment of a training step: gathering, older pairs, losses, and what is learnt about noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .gathering import gather_batch
from .loss_mode import LossMode, PairLosses, Pairs
from .memory_queue import MemoryQueue
from .modes import build_mode
from .noise_share import NoiseShare
from .settings import AlignmentSettings


@dataclass(frozen=True)
class AlignmentLoss:
    """The loss of a step, a scalar with gradient, and for the log of every term its loss, and the mass used."""

    total: Tensor
    terms: dict[str, float]
    mass: dict[str, float]


class Alignment(nn.Module):
    """Aligns read-outs of 3D features with the frozen teacher's embeddings of slices and captions.

        alignment = Alignment(AlignmentSettings(), {"image": 512, "text": 512})
        loss = alignment({"image": read_out, "text": read_out}, {"image": of_slices, "text": of_captions}, ids)
        loss.total.backward()

    A teacher whose towers share a space needs one read-out for both terms; one of two unaligned towers needs
    a projection each. Embeddings are made length 1 here. The parameters of the module (metrics, the scale of
    siglip) are trained with the network's, and its buffers (queue, noise) belong into the checkpoint: state_dict()
    has all of them. In evaluation mode nothing is learnt, neither about noise nor by the queue.

    Of a sample that a batch has more than once, its first pair counts: the others would be wrong partners that are
    right.
    """

    def __init__(self, settings: AlignmentSettings, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.settings = settings
        self.weights = settings.term_weights()
        used = [widths[name] for name in self.weights]
        self.mode: LossMode = build_mode(settings, used)
        self.queue = MemoryQueue(settings.queue, used) if settings.queue > 0 else None
        estimating = settings.mode == "robust" and settings.estimate_mass
        self.noise = nn.ModuleList(NoiseShare(settings.noise) for _ in used if estimating)

    def forward(self, read_outs: Mapping[str, Tensor], teacher: Mapping[str, Tensor], ids: Tensor) -> AlignmentLoss:
        """The loss of N pairs; read_outs[term] (N, D) and teacher[term] (N, D) belong to the samples ids (N).

        In several processes, everything is of the own part of the batch and the loss is that of the whole.
        """
        terms = [Pairs(_unit(read_outs[name]), _unit(teacher[name].detach())) for name in self.weights]
        terms = [Pairs(gather_batch(pairs.read_outs), gather_batch(pairs.teacher)) for pairs in terms]
        ids = gather_batch(ids)
        once = _first_of_each(ids)
        terms = [Pairs(pairs.read_outs[once], pairs.teacher[once]) for pairs in terms]
        ids = ids[once]
        mass = self.mass().to(ids.device)
        losses = self.mode(self._with_older(terms, ids), len(ids), mass)
        by_term = (losses.losses * losses.weights).sum(-1)
        if self.training:
            self._remember(losses, terms, ids)
        weights = torch.tensor(list(self.weights.values()), device=by_term.device)
        return AlignmentLoss(
            (weights * by_term).sum(),
            dict(zip(self.weights, by_term.detach().tolist(), strict=True)),
            dict(zip(self.weights, mass.tolist(), strict=True)),
        )

    def mass(self) -> Tensor:
        """The mass (T) that the next step will use."""
        if not self.noise:
            return torch.full((len(self.weights),), self.settings.mass, dtype=torch.float64)
        return torch.stack([1.0 - noise.share for noise in self._noise_shares()])

    def wrong_shares(self) -> dict[str, float]:
        """The estimated share of wrong pairs of every term; empty if nothing is estimated."""
        return dict(zip(self.weights, (float(noise.share) for noise in self._noise_shares()), strict=False))

    def _with_older(self, terms: list[Pairs], ids: Tensor) -> list[Pairs]:
        if self.queue is None:
            return terms
        return [
            Pairs(torch.cat([new.read_outs, old.read_outs]), torch.cat([new.teacher, old.teacher]))
            for new, old in zip(terms, self.queue.older_than(ids), strict=True)
        ]

    def _remember(self, losses: PairLosses, terms: list[Pairs], ids: Tensor) -> None:
        if self.queue is not None:
            self.queue.push(ids, terms)
        for noise, of_term in zip(self._noise_shares(), losses.losses.detach(), strict=False):
            noise.observe(of_term)

    def _noise_shares(self) -> list[NoiseShare]:
        return [noise for noise in self.noise if isinstance(noise, NoiseShare)]


def _first_of_each(ids: Tensor) -> Tensor:
    """The places (M) where ids (N) stand for the first time, in their order."""
    same = ids[:, None] == ids[None, :]
    return (~same.tril(-1).any(1)).nonzero()[:, 0]


def _unit(x: Tensor) -> Tensor:
    """Rows of length 1, in at least float32; a row of zeros stays one."""
    return functional.normalize(x if x.dtype == torch.float64 else x.float(), dim=-1)
