"""Entropic transport plans whose gradient with respect to the cost is that of the exact solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .marginals import BoundedMarginals, EqualMarginals, Marginals
from .potential_system import FreePotentials, PotentialSystem
from .potentials import PotentialSolver, Stopping


@dataclass(frozen=True)
class TransportPlan:
    """A plan (..., R, C) as logarithm, differentiable with respect to the cost, and how it was reached.

    marginal_error (...) is the L1 distance of the row sums from what they should be, before the last projection.
    """

    log: Tensor
    marginal_error: Tensor
    iterations: int


def balanced_plan(
    cost: Tensor, reg: float, a: Tensor | None = None, b: Tensor | None = None, stopping: Stopping | None = None
) -> TransportPlan:
    """Minimise <P, cost> + reg sum P (log P - 1) over plans with row sums a and column sums b (Cuturi 2013).

    cost (..., R, C); a (R) or (..., R) and b (C) or (..., C), uniform with sum 1 if absent. All problems of
    a batch are solved together, in the log domain, in float32, or in float64 if cost is float64.

    The gradient is exact at the solution, without unrolling: log P = f_i + g_j - C_ij / reg, and how f and g
    answer to C follows from the marginals by the implicit function theorem, one linear system
    (Eisenberger et al., A unified framework for implicit Sinkhorn differentiation, CVPR 2022). That is
    faster than going back through the iterations, needs no memory for them, and depends on where they
    stopped only through P itself.
    For a loss -sum T log P with T of the same marginals it reduces to the envelope form (T - P) / reg
    (Shi et al., contrastive learning as inverse optimal transport, ICML 2023). The marginals and reg are constants.

    Raises ValueError if shapes do not fit, reg is not positive, or the sums of a and b differ.
    """
    a, b = _checked_marginals(cost, reg, a, b)
    sum_a, sum_b = a.sum(-1), b.sum(-1)
    if not torch.allclose(sum_a, sum_b, rtol=1e-4):
        raise ValueError(f"a sums to {sum_a.max():.6g} and b to {sum_b.max():.6g}; a balanced plan needs equal sums")
    return _solve(cost, reg, a, b * (sum_a / sum_b)[..., None], EqualMarginals(), stopping)


def partial_plan(
    cost: Tensor,
    reg: float,
    mass: float | Tensor,
    a: Tensor | None = None,
    b: Tensor | None = None,
    stopping: Stopping | None = None,
) -> TransportPlan:
    """Minimise <P, cost> + reg sum P (log P - 1) over plans with total mass, row sums <= a, column sums <= b.

    The problem of Benamou et al. (2015) solved as their Dykstra projections do, but with bound
    and mass of one side in one exact step (see BoundedMarginals). mass is a number or (...).

    The other usual form, a dummy row and column that take what is not moved, also pays entropy for the dummy's
    entries: it is another problem. At reg .03 and mass .95 its plans differ by half of 1/B from these.

    Shapes, types and gradient as for balanced_plan; a bound that does not bind keeps its potential at 0,
    so the linear system has the binding ones only, and the mass. The gradient is one-sided where a bound
    begins to bind.

    Raises ValueError if shapes do not fit, reg is not positive, or mass is not in (0, min(sum a, sum b)].
    """
    a, b = _checked_marginals(cost, reg, a, b)
    most = torch.minimum(a.sum(-1), b.sum(-1))
    wanted = torch.as_tensor(mass, dtype=a.dtype, device=a.device).detach().expand(cost.shape[:-2])
    if bool((wanted <= 0).any()) or bool((wanted > most * (1 + 1e-5)).any()):
        raise ValueError(f"a mass of {wanted.max():.6g} is not in (0, {most.min():.6g}], what the marginals can hold")
    return _solve(cost, reg, a, b, BoundedMarginals(torch.minimum(wanted, most)), stopping)


def _checked_marginals(cost: Tensor, reg: float, a: Tensor | None, b: Tensor | None) -> tuple[Tensor, Tensor]:
    if cost.ndim < 2 or min(cost.shape[-2:]) == 0:
        raise ValueError(f"a cost of shape {tuple(cost.shape)} is not (..., R, C)")
    if not reg > 0:
        raise ValueError(f"reg is {reg}; it has to be positive")
    dtype = torch.float64 if cost.dtype == torch.float64 else torch.float32
    sides = []
    for name, given, size in (("a", a, cost.shape[-2]), ("b", b, cost.shape[-1])):
        uniform = torch.full((size,), 1.0 / size, dtype=dtype, device=cost.device)
        side = uniform if given is None else given.detach().to(cost.device, dtype)
        if side.shape[-1] != size or bool((side < 0).any()):
            raise ValueError(f"{name} of shape {tuple(side.shape)} does not hold {size} masses that are not negative")
        sides.append(side.expand(*cost.shape[:-2], size))
    return sides[0], sides[1]


def _solve(
    cost: Tensor, reg: float, a: Tensor, b: Tensor, marginals: Marginals, stopping: Stopping | None
) -> TransportPlan:
    # Under autocast the cost may be bfloat16, whose 8 bits are too few for a cost divided by reg.
    log_plan, error, iterations = _EntropicPlan.apply(  # type: ignore[no-untyped-call]
        cost.to(a.dtype), reg, a.log(), b.log(), marginals, stopping or Stopping()
    )
    return TransportPlan(log_plan, error, int(iterations))


class _EntropicPlan(torch.autograd.Function):
    """Solves for the log plan; backward solves the linear system of its potentials."""

    @staticmethod
    def forward(
        ctx: Any, cost: Tensor, reg: float, log_a: Tensor, log_b: Tensor, marginals: Marginals, stopping: Stopping
    ) -> tuple[Tensor, Tensor, int]:
        solver = PotentialSolver(-cost / reg, log_a, log_b, marginals)
        potentials, iterations = solver.run(stopping)
        log_plan = solver.log_plan(potentials)
        free = FreePotentials.balanced(log_plan)
        if marginals.bounded:
            free = FreePotentials.bounded(potentials.rows < 0, potentials.columns < 0)
        ctx.save_for_backward(log_plan, free.rows, free.columns, free.total)
        ctx.reg = reg
        ctx.mark_non_differentiable(potentials.error)
        return log_plan, potentials.error, iterations

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Any) -> tuple[Tensor | None, ...]:
        log_plan, *free = ctx.saved_tensors
        plan = log_plan.exp()
        system = PotentialSystem(plan, FreePotentials(*free))
        rows, columns, total = system.solve(gradient.sum(-1), gradient.sum(-2), gradient.sum((-2, -1))[..., None])
        answer = plan * (rows[..., :, None] + (columns + total)[..., None, :]).to(plan.dtype)
        return ((answer - gradient) / ctx.reg, None, None, None, None, None)
