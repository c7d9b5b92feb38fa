"""Iterations that find the potentials of an entropic plan."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .marginals import Marginals
from .potential_system import FreePotentials, PotentialSystem

_FARTHEST = 50.0
"""The largest change of a potential (a natural logarithm) in one Newton step."""


@dataclass(frozen=True)
class Stopping:
    """When the iterations end.

    tolerance is the marginal error, the L1 distance between the row sums of the plan and what they should
    be (the column sums and the total are exact after every iteration). Sinkhorn's and Dykstra's iterations
    crawl where a plan nearly falls apart into blocks, so after newton_after of them a Newton step is tried
    too, and taken where it leaves the smaller error; as long as one was taken, the next is tried at once.
    """

    tolerance: float = 1e-4
    max_iterations: int = 200
    newton_after: int = 10

    def __post_init__(self) -> None:
        if self.tolerance < 0 or self.max_iterations < 1 or self.newton_after < 0:
            raise ValueError("tolerance and newton_after are not negative, max_iterations is at least 1")


@dataclass(frozen=True)
class Potentials:
    """Log factors of the rows (..., R), the columns (..., C) and the whole plan (..., 1).

    next_rows are the row factors that the next iteration would take, error (...) is the marginal error.
    """

    rows: Tensor
    columns: Tensor
    total: Tensor
    next_rows: Tensor
    error: Tensor

    def where(self, mask: Tensor, other: Potentials) -> Potentials:
        """These potentials where mask (...) is true, the others elsewhere."""
        wide = mask[..., None]
        return Potentials(
            torch.where(wide, self.rows, other.rows),
            torch.where(wide, self.columns, other.columns),
            torch.where(wide, self.total, other.total),
            torch.where(wide, self.next_rows, other.next_rows),
            torch.where(mask, self.error, other.error),
        )


class PotentialSolver:
    """Alternates exact projections of rows and columns in the log domain, with Newton steps if need be.

        solver = PotentialSolver(-cost / reg, log_a, log_b, EqualMarginals())
        potentials, iterations = solver.run(Stopping())
        log_plan = solver.log_plan(potentials)

    log_kernel (..., R, C), log_a (..., R), log_b (..., C), all of one floating type.
    """

    def __init__(self, log_kernel: Tensor, log_a: Tensor, log_b: Tensor, marginals: Marginals) -> None:
        self._by_row = log_kernel
        self._by_column = log_kernel.mT.contiguous()
        self._log_a = log_a
        self._log_b = log_b
        self._marginals = marginals

    def run(self, stopping: Stopping) -> tuple[Potentials, int]:
        """Iterate until the marginal error of every problem is within the tolerance, or until the last iteration."""
        row_sums = torch.logsumexp(self._by_row, -1)
        state = self._complete(self._marginals.project(row_sums, self._log_a)[0])
        newton_at = stopping.newton_after
        for iteration in range(1, stopping.max_iterations + 1):
            if bool((state.error <= stopping.tolerance).all()):
                return state, iteration
            step = self._complete(state.next_rows)
            if iteration >= newton_at:
                leap = self._complete(self._newton_rows(state))
                better = leap.error < step.error
                newton_at = iteration + (1 if bool(better.any()) else stopping.newton_after)
                step = leap.where(better, step)
            state = step
        return state, stopping.max_iterations

    def log_plan(self, potentials: Potentials) -> Tensor:
        """(..., R, C)."""
        return self._by_row + potentials.rows[..., :, None] + (potentials.columns + potentials.total)[..., None, :]

    def _complete(self, rows: Tensor) -> Potentials:
        """The best columns and total for these rows, and how far the rows then are from their own best."""
        column_sums = torch.logsumexp(self._by_column + rows[..., None, :], -1)
        columns, total = self._marginals.project(column_sums, self._log_b)
        row_sums = torch.logsumexp(self._by_row + columns[..., None, :], -1)
        next_rows, next_total = self._marginals.project(row_sums, self._log_a)
        error = (row_sums + rows + total).exp() - (row_sums + next_rows + next_total).exp()
        return Potentials(rows, columns, total, next_rows, error.abs().sum(-1))

    def _newton_rows(self, state: Potentials) -> Tensor:
        """Row factors after one Newton step on all sums at once (the columns are completed afterwards)."""
        plan = self.log_plan(state).exp()
        excess = plan.sum(-1) - self._log_a.exp()
        free = FreePotentials.balanced(plan)
        if self._marginals.bounded:
            free = FreePotentials.bounded((state.rows < 0) | (excess > 0), state.columns < 0)
        system = PotentialSystem(plan, free)
        change = system.solve(-excess, torch.zeros_like(state.columns), torch.zeros_like(state.total))[0]
        # Where the plan is almost in blocks rounding may ask for more than float32 can carry.
        rows = state.rows + change.clamp(-_FARTHEST, _FARTHEST).to(plan.dtype)
        return rows.clamp_max(0.0) if self._marginals.bounded else rows
