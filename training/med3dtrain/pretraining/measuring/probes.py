"""What read-outs know about their slice: probes in closed form, with nothing random in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from Med3DInsightLib.networks.psat.slice_batch import PLANE_NUMBERS
from Med3DInsightLib.volumes import SlicePlace

_STRENGTH = 1e-3
_NEIGHBOURS = 5

Probe = Callable[[Tensor], Tensor]
"""Values (M, C) read from embeddings (M, D)."""


@dataclass(frozen=True)
class ProbeSlices:
    """Read-outs of N slices, and what is true of them.

    embeddings is (N, D); planes (N) are numbers; positions (N) tell how far along the axis of its plane each
    slice is, from 0 to 1.
    """

    embeddings: Tensor
    planes: Tensor
    positions: Tensor

    @classmethod
    def of(cls, embeddings: Tensor, places: Sequence[SlicePlace]) -> ProbeSlices:
        """What is true of slices at these places (N), with their read-outs (N, D)."""
        return cls(
            embeddings,
            torch.tensor([PLANE_NUMBERS[place.plane] for place in places]),
            torch.tensor([(place.index + 0.5) / place.count for place in places], dtype=torch.float64),
        )


class LinearProbe:
    """Ridge regression: the linear function of embeddings (N, D) that is nearest to values (N, C).

        probe = LinearProbe(train.embeddings, values)
        probe(test.embeddings)          # (M, C)

    Embeddings are centred and brought to unit variance, values are centred. strength is the penalty on
    the squared weights for each of the N slices. Solved in float64 by Cholesky, so there is nothing random in it.
    """

    def __init__(self, embeddings: Tensor, values: Tensor, strength: float = _STRENGTH) -> None:
        embeddings, values = embeddings.double(), values.double()
        self._mean = embeddings.mean(0)
        self._scale = embeddings.std(0, correction=0).clamp_min(1e-9)
        self._offset = values.mean(0)
        x = self._standardised(embeddings)
        penalty = strength * len(x) * torch.eye(x.shape[1], dtype=torch.float64, device=x.device)
        factor = torch.linalg.cholesky(x.T @ x + penalty)
        self._weights = torch.cholesky_solve(x.T @ (values - self._offset), factor)

    def __call__(self, embeddings: Tensor) -> Tensor:
        """The values (M, C) of embeddings (M, D)."""
        return self._standardised(embeddings.double()) @ self._weights + self._offset

    def _standardised(self, embeddings: Tensor) -> Tensor:
        return (embeddings - self._mean) / self._scale


class NeighbourProbe:
    """The mean of the values (N, C) of the embeddings (N, D) that are nearest by cosine.

        probe = NeighbourProbe(train.embeddings, values)
        probe(test.embeddings)          # (M, C)

    It reads whatever has its place in the space of embeddings, also where that space is curved and no linear
    function follows it. With fewer than `neighbours` embeddings all of them count.
    """

    def __init__(self, embeddings: Tensor, values: Tensor, neighbours: int = _NEIGHBOURS) -> None:
        self._embeddings = functional.normalize(embeddings.double(), dim=-1)
        self._values = values.double()
        self._neighbours = min(neighbours, len(embeddings))

    def __call__(self, embeddings: Tensor) -> Tensor:
        """The values (M, C) of embeddings (M, D)."""
        similarities = functional.normalize(embeddings.double(), dim=-1) @ self._embeddings.mT
        return self._values[similarities.topk(self._neighbours, dim=-1).indices].mean(1)


def plane_accuracy(train: ProbeSlices, test: ProbeSlices) -> float:
    """Share of test slices whose plane is read correctly by a probe made from the training slices."""
    planes = torch.unique(train.planes)
    probe = LinearProbe(train.embeddings, (train.planes.unsqueeze(1) == planes).double())
    read = planes[probe(test.embeddings).argmax(1)]
    return float((read == test.planes).double().mean())


def position_error(train: ProbeSlices, test: ProbeSlices) -> float:
    """Mean distance between the read and the true position of test slices, as a share of the axis.

    Read from the nearest of the training slices. Every plane has a probe of its own, because its positions are along
    an axis of its own. Planes without training slices are left out; NaN if that leaves none.
    """
    return _position_error(NeighbourProbe, train, test)


def linear_position_error(train: ProbeSlices, test: ProbeSlices) -> float:
    """position_error() of what a linear function of the read-out tells."""
    return _position_error(LinearProbe, train, test)


def _position_error(make: Callable[[Tensor, Tensor], Probe], train: ProbeSlices, test: ProbeSlices) -> float:
    errors = []
    for plane in torch.unique(train.planes):
        of_train, of_test = train.planes == plane, test.planes == plane
        if of_test.any():
            probe = make(train.embeddings[of_train], train.positions[of_train].unsqueeze(1))
            read = probe(test.embeddings[of_test])[:, 0]
            errors.append((read - test.positions[of_test].double()).abs())
    return float(torch.cat(errors).mean()) if errors else float("nan")
