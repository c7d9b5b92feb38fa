"""Gradients without unrolling are those of finite differences and of unrolled iterations."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from med3dtrain.alignment.transport import Stopping, balanced_plan, partial_plan

from .costs import embedding_cost, random_masses

EXACT = Stopping(tolerance=1e-13, max_iterations=3000, newton_after=5)


@settings(max_examples=6)
@given(rows=st.integers(2, 5), columns=st.integers(2, 5), reg=st.floats(0.1, 0.5), seed=st.integers(0, 10_000))
def test_gradcheck_of_balanced_plans(rows, columns, reg, seed):
    cost = torch.rand(2, rows, columns, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    a, b = random_masses(rows, seed), random_masses(columns, seed + 1)
    assert torch.autograd.gradcheck(lambda c: balanced_plan(c, reg, a, b, EXACT).log, cost.requires_grad_(), atol=1e-5)


@pytest.mark.parametrize("mass", [0.3, 0.8, 1.0])
@pytest.mark.parametrize(("rows", "columns"), [(4, 4), (3, 5), (5, 3)])
@pytest.mark.parametrize("reg", [0.05, 0.4])
def test_gradcheck_of_partial_plans(rows, columns, mass, reg):
    cost = torch.rand(2, rows, columns, dtype=torch.float64, generator=torch.Generator().manual_seed(rows))
    a, b = random_masses(rows, 1), random_masses(columns, 2)
    assert torch.autograd.gradcheck(
        lambda c: partial_plan(c, reg, mass, a, b, EXACT).log, cost.requires_grad_(), atol=1e-5
    )


def unrolled_log_plan(cost, reg, iterations):
    """Sinkhorn's iterations with autograd through all of them."""
    size = cost.shape[-1]
    g = torch.zeros(size, dtype=cost.dtype)
    for _ in range(iterations):
        f = -torch.log(torch.tensor(size)) - torch.logsumexp(g - cost / reg, -1)
        g = -torch.log(torch.tensor(size)) - torch.logsumexp(f[:, None] - cost / reg, -2)
    return f[:, None] + g - cost / reg


def test_the_gradient_is_that_of_unrolled_iterations():
    cost = embedding_cost(24).requires_grad_()
    weights = random_masses(24, 5)
    unrolled = torch.autograd.grad(-(weights * unrolled_log_plan(cost, 0.1, 400).diagonal()).sum(), cost)[0]
    implicit = torch.autograd.grad(-(weights * balanced_plan(cost, 0.1).log.diagonal()).sum(), cost)[0]
    exact = torch.autograd.grad(-(weights * balanced_plan(cost, 0.1, stopping=EXACT).log.diagonal()).sum(), cost)[0]
    torch.testing.assert_close(exact, unrolled, atol=1e-8, rtol=0)
    # At the default tolerance of 1e-4 too, to about that tolerance.
    assert (implicit - unrolled).norm() < 1e-3 * unrolled.norm()


def test_for_a_target_with_the_same_marginals_it_is_the_envelope_form():
    """The gradient of -sum T log P is (T - P) / reg: no linear system is needed to know it."""
    cost = embedding_cost(32).requires_grad_()
    plan = balanced_plan(cost, 0.05, stopping=EXACT)
    gradient = torch.autograd.grad(-plan.log.diagonal().mean(), cost)[0]
    target = torch.eye(32, dtype=torch.float64) / 32
    torch.testing.assert_close(gradient, (target - plan.log.detach().exp()) / 0.05, atol=1e-8, rtol=0)


@pytest.mark.parametrize("mass", [0.6, 0.95])
@pytest.mark.parametrize("closeness", [0.0, 1.0])
def test_directional_derivatives_of_the_papers_loss_at_a_real_size(closeness, mass):
    cost = embedding_cost(48, closeness)
    direction = torch.randn(cost.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def loss(c):
        return -partial_plan(c, 0.05, mass, stopping=EXACT).log.diagonal().mean()

    leaf = cost.clone().requires_grad_()
    slope = (torch.autograd.grad(loss(leaf), leaf)[0] * direction).sum()
    step = 1e-6
    measured = (loss(cost + step * direction) - loss(cost - step * direction)) / (2 * step)
    assert float(slope) == pytest.approx(float(measured), rel=1e-4)


def test_a_second_derivative_is_refused_rather_than_wrong():
    cost = torch.rand(3, 3, dtype=torch.float64, requires_grad=True)
    gradient = torch.autograd.grad(balanced_plan(cost, 0.1).log.square().sum(), cost, create_graph=True)[0]
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()
