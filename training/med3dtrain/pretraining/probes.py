"""What read-outs know about their slice: linear probes in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_STRENGTH = 1e-3


@dataclass(frozen=True)
class ProbeSlices:
    """Read-outs of N slices, and what is true of them.

    embeddings is (N, D); planes (N) are numbers; positions (N) tell how far along the axis of its plane each
    slice is, from 0 to 1.
    """

    embeddings: Tensor
    planes: Tensor
    positions: Tensor


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


def plane_accuracy(train: ProbeSlices, test: ProbeSlices) -> float:
    """Share of test slices whose plane is read correctly by a probe made from the training slices."""
    planes = torch.unique(train.planes)
    probe = LinearProbe(train.embeddings, (train.planes.unsqueeze(1) == planes).double())
    read = planes[probe(test.embeddings).argmax(1)]
    return float((read == test.planes).double().mean())


def position_error(train: ProbeSlices, test: ProbeSlices) -> float:
    """Mean distance between the read and the true position of test slices, as a share of the axis.

    Every plane has a probe of its own, because its positions are along an axis of its own. Planes without training
    slices are left out; NaN if that leaves none.
    """
    errors = []
    for plane in torch.unique(train.planes):
        of_train, of_test = train.planes == plane, test.planes == plane
        if of_test.any():
            probe = LinearProbe(train.embeddings[of_train], train.positions[of_train].unsqueeze(1))
            read = probe(test.embeddings[of_test])[:, 0]
            errors.append((read - test.positions[of_test].double()).abs())
    return float(torch.cat(errors).mean()) if errors else float("nan")
