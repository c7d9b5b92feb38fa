"""The linear system behind Newton steps and gradients of entropic plans."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_RIDGE = 1e-11
"""Added to eigenvalues in [0, 3]: above rounding in float64, below every gap that matters."""


@dataclass(frozen=True)
class FreePotentials:
    """Which potentials may move: bool of shape (..., R), (..., C) and (..., 1) for the total."""

    rows: Tensor
    columns: Tensor
    total: Tensor

    @classmethod
    def balanced(cls, plan: Tensor) -> FreePotentials:
        """All rows and columns; they hold the total too."""
        rows = torch.ones_like(plan[..., :, 0], dtype=torch.bool)
        columns = torch.ones_like(plan[..., 0, :], dtype=torch.bool)
        return cls(rows, columns, torch.zeros_like(rows[..., :1]))

    @classmethod
    def bounded(cls, rows: Tensor, columns: Tensor) -> FreePotentials:
        """Those whose bounds bind, and the total unless one side is full and so holds it already."""
        return cls(rows, columns, ~(rows.all(-1, keepdim=True) | columns.all(-1, keepdim=True)))


class PotentialSystem:
    """How the potentials of an entropic plan move when its sums have to.

        system = PotentialSystem(plan, free)
        rows, columns, total = system.solve(row_sums, column_sums, total_sum)

    A plan is exp(f_i + g_j + s - C_ij / reg). With A the linear map (f, g, s) -> f_i + g_j + s, restricted
    to the potentials that are free (a bound that does not bind keeps its potential at 0), the sums of the
    plan move by H x, H = A^T diag(plan) A, when the potentials move by x. solve() inverts H. Rows are
    eliminated (Schur complement), and what remains is solved by Cholesky, in float64 because H is nearly
    singular where the plan falls apart into blocks. If everything is free, f + t and g - t are the same
    plan; the mean of g is kept then.

    plan (..., R, C).
    """

    def __init__(self, plan: Tensor, free: FreePotentials) -> None:
        plan = plan.double()
        rows, columns = plan.sum(-1), plan.sum(-2)
        total = rows.sum(-1, keepdim=True)
        self._inverse_rows = torch.where(free.rows & (rows > 0), 1.0 / rows, 0.0)
        self._free = torch.cat([free.columns & (columns > 0), free.total], -1)
        self._cross = torch.cat([plan, rows[..., None]], -1) * self._free[..., None, :]
        border = torch.where(self._free[..., :-1] & free.total, columns, 0.0)
        size = torch.where(self._free, torch.cat([columns, total], -1), 1.0)
        schur = torch.diag_embed(size)
        schur[..., -1, :-1] = border
        schur[..., :-1, -1] = border
        schur -= self._cross.mT @ (self._cross * self._inverse_rows[..., None])
        everything = free.rows.all(-1, keepdim=True) & free.columns.all(-1, keepdim=True)
        pin = torch.where(everything, columns / total.sqrt(), 0.0)
        schur[..., :-1, :-1] += pin[..., :, None] * pin[..., None, :]
        self._scale = size.rsqrt()
        schur *= self._scale[..., :, None] * self._scale[..., None, :]
        schur.diagonal(dim1=-2, dim2=-1).add_(_RIDGE)
        self._factor = torch.linalg.cholesky_ex(schur).L

    def solve(self, row_sums: Tensor, column_sums: Tensor, total: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Changes of f (..., R), g (..., C) and s (..., 1), in float64, that move the free sums by this much.

        row_sums (..., R), column_sums (..., C), total (..., 1). What is not free does not move.
        """
        row_sums = row_sums.double()
        right = torch.cat([column_sums, total], -1).double()
        reduced = right - (self._cross.mT @ (self._inverse_rows * row_sums)[..., None])[..., 0]
        reduced = torch.where(self._free, reduced, 0.0) * self._scale
        moved = torch.cholesky_solve(reduced[..., None], self._factor)[..., 0] * self._scale
        rows = self._inverse_rows * (row_sums - (self._cross @ moved[..., None])[..., 0])
        return rows, moved[..., :-1], moved[..., -1:]
