"""Plans are those of POT in float64, for any shape and marginals, and finite wherever they are asked for."""

from __future__ import annotations

import ot
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from med3dtrain.alignment.transport import Stopping, balanced_plan, partial_plan

from .costs import embedding_cost, random_masses

EXACT = Stopping(tolerance=1e-11, max_iterations=20_000, newton_after=10)


def pots_partial_plan(cost, reg, mass, a, b, iterations=20_000):
    plan = ot.partial.entropic_partial_wasserstein(
        a.numpy(), b.numpy(), cost.numpy(), reg, m=mass, numItermax=iterations, stopThr=1e-15
    )
    return torch.from_numpy(plan)


@settings(max_examples=15)
@given(
    rows=st.integers(2, 9),
    columns=st.integers(2, 9),
    reg=st.floats(0.05, 0.5),
    mass=st.floats(0.1, 1.0),
    seed=st.integers(0, 10_000),
)
def test_partial_plans_of_any_shape_and_marginals_are_those_of_pot(rows, columns, reg, mass, seed):
    cost = torch.rand(rows, columns, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    a, b = random_masses(rows, seed), 1.5 * random_masses(columns, seed + 1)
    plan = partial_plan(cost, reg, mass, a, b, EXACT).log.exp()
    expected = pots_partial_plan(cost, reg, mass, a, b)
    assert (plan - expected).abs().max() < 1e-6
    assert abs(plan.sum() - mass) < 1e-5


@pytest.mark.parametrize("closeness", [0.0, 1.0])
@pytest.mark.parametrize(("reg", "mass"), [(0.03, 0.95), (0.03, 0.6), (0.1, 0.95), (0.5, 0.3)])
def test_partial_plans_of_embeddings_are_those_of_pot(closeness, reg, mass):
    cost = embedding_cost(48, closeness)
    uniform = torch.full((48,), 1 / 48, dtype=torch.float64)
    plan = partial_plan(cost, reg, mass, stopping=EXACT).log.exp()
    assert (plan - pots_partial_plan(cost, reg, mass, uniform, uniform)).abs().max() < 1e-6
    assert abs(plan.sum() - mass) < 1e-5


@settings(max_examples=15)
@given(rows=st.integers(2, 9), columns=st.integers(2, 9), reg=st.floats(0.05, 0.5), seed=st.integers(0, 10_000))
def test_balanced_plans_of_any_shape_and_marginals_are_those_of_pot(rows, columns, reg, seed):
    cost = torch.rand(rows, columns, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    a, b = random_masses(rows, seed), random_masses(columns, seed + 1)
    plan = balanced_plan(cost, reg, a, b, EXACT).log.exp()
    expected = ot.sinkhorn(a.numpy(), b.numpy(), cost.numpy(), reg, "sinkhorn_log", 20_000, 1e-14)
    assert (plan - torch.from_numpy(expected)).abs().max() < 1e-6


def test_a_whole_mass_makes_a_partial_plan_a_balanced_one():
    cost = embedding_cost(20)
    whole = partial_plan(cost, 0.05, 1.0, stopping=EXACT).log
    torch.testing.assert_close(whole.exp(), balanced_plan(cost, 0.05, stopping=EXACT).log.exp(), atol=1e-9, rtol=0)


def test_problems_of_a_batch_are_solved_as_they_are_alone():
    costs = torch.stack([embedding_cost(12, closeness, seed=3) for closeness in (0.0, 1.0, 2.0)])
    masses = torch.tensor([0.5, 0.8, 0.95], dtype=torch.float64)
    together = partial_plan(costs, 0.05, masses, stopping=EXACT).log.exp()
    for cost, mass, plan in zip(costs, masses.tolist(), together, strict=True):
        torch.testing.assert_close(plan, partial_plan(cost, 0.05, mass, stopping=EXACT).log.exp(), atol=1e-9, rtol=0)


@pytest.mark.parametrize("pairs", [2, 10, 128, 1024])
@pytest.mark.parametrize("reg", [0.005, 0.03, 0.5])
@pytest.mark.parametrize("closeness", [0.0, 3.0])
def test_plans_and_gradients_are_finite_and_keep_their_bounds_in_float32(pairs, reg, closeness):
    cost = embedding_cost(pairs, closeness, dtype=torch.float32).requires_grad_()
    stopping = Stopping(1e-4, 12, 5)
    partial = partial_plan(cost, reg, 0.8, stopping=stopping)
    balanced = balanced_plan(cost, reg, stopping=stopping)
    gradients = [torch.autograd.grad(-plan.log.diagonal().mean(), cost)[0] for plan in (partial, balanced)]
    for tensor in (partial.log, balanced.log, *gradients):
        assert tensor.isfinite().all()
    # Columns and the total are exact after every iteration; rows are as exact as the error says.
    assert abs(partial.log.exp().sum() - 0.8) < 1e-4
    assert (partial.log.exp().sum(-2) < (1 + 1e-3) / pairs).all()
    torch.testing.assert_close(balanced.log.exp().sum(-2), torch.full((pairs,), 1 / pairs), rtol=1e-3, atol=0)


def test_iterations_stop_at_the_marginal_error_that_was_asked_for():
    cost = embedding_cost(32)
    loose, tight = (balanced_plan(cost, 0.05, stopping=Stopping(tolerance, 500)) for tolerance in (1e-2, 1e-8))
    assert loose.iterations < tight.iterations < 500
    for plan, tolerance in ((loose, 1e-2), (tight, 1e-8)):
        rows = plan.log.exp().sum(-1)
        assert (rows - 1 / 32).abs().sum() == pytest.approx(float(plan.marginal_error), abs=1e-12)
        assert plan.marginal_error <= tolerance


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("closeness", [1.0, 2.0, 3.0])
def test_newton_steps_solve_what_sinkhorn_alone_does_not(closeness, dtype):
    cost = embedding_cost(64, closeness, dtype=dtype)
    plain = balanced_plan(cost, 0.03, stopping=Stopping(2e-5, 60, newton_after=1000))
    helped = balanced_plan(cost, 0.03, stopping=Stopping(2e-5, 60, newton_after=5))
    assert plain.marginal_error > 2e-5
    assert helped.marginal_error <= 2e-5
    assert helped.iterations < 15


def test_a_dummy_point_solves_another_problem():
    """Why the solver projects: with a dummy row and column the plan of a partial problem is not POT's."""
    cost, pairs, mass = embedding_cost(32), 32, 0.8
    with_dummy = torch.zeros(pairs + 1, pairs + 1, dtype=torch.float64)
    with_dummy[:-1, :-1] = cost
    with_dummy[-1, -1] = 1e3
    side = torch.cat([torch.full((pairs,), 1 / pairs), torch.tensor([1 - mass])]).double()
    dummy = balanced_plan(with_dummy, 0.03, side, side, EXACT).log.exp()[:-1, :-1]
    assert abs(dummy.sum() - mass) < 1e-6
    assert (dummy - partial_plan(cost, 0.03, mass, stopping=EXACT).log.exp()).abs().max() > 0.1 / pairs


def test_rows_without_mass_stay_empty():
    a = torch.tensor([0.5, 0.0, 0.5], dtype=torch.float64)
    cost = torch.rand(3, 4, dtype=torch.float64, requires_grad=True)
    for plan in (balanced_plan(cost, 0.1, a), partial_plan(cost, 0.1, 0.7, a)):
        moved = plan.log.exp()
        assert (moved[1] == 0).all()
        assert torch.autograd.grad((moved * cost.detach()).sum(), cost)[0].isfinite().all()


def test_bfloat16_costs_are_solved_in_float32_under_autocast_and_float64_stays():
    cost = embedding_cost(16)
    with torch.autocast("cpu", torch.bfloat16):
        assert balanced_plan(cost.bfloat16(), 0.03).log.dtype == torch.float32
        inside = partial_plan(cost.float(), 0.03, 0.9).log
        assert balanced_plan(cost, 0.03).log.dtype == torch.float64
    torch.testing.assert_close(inside, partial_plan(cost.float(), 0.03, 0.9).log, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda cost: balanced_plan(cost, 0.0), "reg is 0"),
        (lambda cost: balanced_plan(cost[0], 0.1), "not \\(..., R, C\\)"),
        (lambda cost: balanced_plan(cost, 0.1, torch.ones(3)), "equal sums"),
        (lambda cost: balanced_plan(cost, 0.1, torch.ones(4) / 4), "does not hold 3"),
        (lambda cost: balanced_plan(cost, 0.1, torch.tensor([1.0, 1.0, -1.0])), "not negative"),
        (lambda cost: partial_plan(cost, 0.1, 0.0), "mass of 0"),
        (lambda cost: partial_plan(cost, 0.1, 1.1), "mass of 1.1"),
    ],
)
def test_what_is_no_problem_is_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call(torch.rand(3, 3))
