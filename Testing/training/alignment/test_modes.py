"""Every loss mode prefers right pairs, is what its paper says, and gives finite gradients at the edges."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from torch.nn import functional

from med3dtrain.alignment.loss_mode import Pairs
from med3dtrain.alignment.metrics import METRICS
from med3dtrain.alignment.modes import LOSS_MODES, build_mode
from med3dtrain.alignment.settings import AlignmentSettings, MetricName, ModeName
from med3dtrain.alignment.transport import Stopping, balanced_plan, partial_plan

MODES = sorted(LOSS_MODES)
ALL = torch.tensor([0.95, 0.95], dtype=torch.float64)
EXACT = Stopping(1e-10, 2000, 5)


def settings_of(mode, **others):
    return AlignmentSettings(mode=mode, stopping=EXACT, weight_stopping=EXACT, **others)


def a_term(pairs=16, width=12, closeness=1.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    common, left, right = torch.randn(3, pairs, width, dtype=torch.float64, generator=generator)
    return Pairs(
        functional.normalize(closeness * common + left, dim=-1),
        functional.normalize(closeness * common + right, dim=-1),
    )


def swapped(pairs, count):
    """The first `count` rows get each other's teacher embeddings."""
    order = torch.cat([torch.arange(count).roll(1), torch.arange(count, len(pairs.teacher))])
    return Pairs(pairs.read_outs, pairs.teacher[order])


def total(result):
    return (result.losses * result.weights).sum(-1)


@pytest.mark.parametrize("mode", MODES)
def test_right_pairs_have_the_smaller_loss(mode):
    built = build_mode(settings_of(mode), [12, 12])
    right = a_term(closeness=2.0)
    result = built([right, swapped(right, 8)], 16, ALL)
    assert total(result)[0] < total(result)[1]
    assert result.losses[1, :8].mean() > 2 * result.losses[1, 8:].mean()


@pytest.mark.parametrize("mode", MODES)
def test_weights_sum_to_one_and_carry_no_gradient(mode):
    term = a_term()
    leaves = Pairs(term.read_outs.clone().requires_grad_(), term.teacher)
    result = build_mode(settings_of(mode), [12, 12])([leaves, leaves], 16, ALL)
    torch.testing.assert_close(result.weights.sum(-1), torch.ones(2, dtype=torch.float64))
    assert not result.weights.requires_grad
    assert result.losses.requires_grad


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pairs", [1, 2, 5])
def test_equal_embeddings_and_tiny_batches_give_finite_gradients(mode, pairs):
    read_outs = functional.normalize(torch.ones(pairs, 12), dim=-1).requires_grad_()
    built = build_mode(settings_of(mode), [12])
    loss = total(built([Pairs(read_outs, read_outs.detach().clone())], pairs, ALL[:1])).sum()
    loss.backward()
    assert loss.isfinite()
    assert read_outs.grad.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in built.parameters())


@pytest.mark.parametrize("mode", MODES)
def test_older_pairs_have_no_loss_of_their_own_but_are_told_apart_from(mode):
    new, old = a_term(8, closeness=2.0), a_term(24, closeness=2.0, seed=1)
    built = build_mode(settings_of(mode), [12])
    alone = built([new], 8, ALL[:1])
    beside = built(
        [Pairs(torch.cat([new.read_outs, old.read_outs]), torch.cat([new.teacher, old.teacher]))], 8, ALL[:1]
    )
    assert beside.losses.shape == (1, 8)
    assert total(beside) > total(alone)


def test_infonce_is_the_mean_of_both_cross_entropies():
    term = a_term()
    logits = term.read_outs @ term.teacher.mT / 0.1
    own = torch.arange(16)
    expected = (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.mT, own)) / 2
    result = build_mode(AlignmentSettings(mode="infonce", temperature=0.1), [12])([term], 16, ALL[:1])
    torch.testing.assert_close(total(result)[0], expected)


def test_siglip_is_the_sum_over_all_cells_by_the_number_of_pairs():
    term = a_term()
    signs = 2 * torch.eye(16, dtype=torch.float64) - 1
    expected = -functional.logsigmoid(signs * (10.0 * term.read_outs @ term.teacher.mT - 10.0)).sum() / 16
    result = build_mode(AlignmentSettings(mode="siglip"), [12])([term], 16, ALL[:1])
    torch.testing.assert_close(total(result)[0], expected, rtol=1e-6, atol=0)


def scaled_cost(term):
    distances = torch.cdist(term.read_outs, term.teacher)
    return distances / distances.max()


def test_the_papers_loss_is_minus_the_mean_log_of_the_partial_plans_diagonal():
    term = a_term()
    plan = partial_plan(scaled_cost(term), 0.03, 0.95, stopping=EXACT).log
    result = build_mode(settings_of("paper"), [12])([term], 16, ALL[:1])
    expected = -plan.diagonal().mean() - torch.tensor(16.0).log()
    assert total(result)[0].item() == pytest.approx(expected.item(), abs=1e-5)


def test_robust_weights_are_the_partial_plans_diagonal_and_losses_the_balanced_plans():
    term = swapped(a_term(closeness=2.0), 6)
    cost = scaled_cost(term)
    moved = partial_plan(cost, 0.03, 0.6, stopping=EXACT).log.exp().diagonal()
    result = build_mode(settings_of("robust", pull=0.0), [12])([term], 16, torch.tensor([0.6]))
    torch.testing.assert_close(result.weights[0], moved / moved.sum(), atol=1e-5, rtol=0)
    losses = -balanced_plan(cost, 0.03, stopping=EXACT).log.diagonal() - torch.tensor(16.0).log()
    torch.testing.assert_close(result.losses[0], losses, atol=1e-5, rtol=1e-5)
    assert result.weights[0, :6].sum() < 0.02


def test_the_pull_is_the_cosine_distance_of_the_pairs():
    term = a_term()
    plain, pulled = (build_mode(settings_of("ot", pull=pull), [12])([term], 16, ALL[:1]) for pull in (0.0, 0.3))
    cosines = (term.read_outs * term.teacher).sum(-1)
    torch.testing.assert_close(pulled.losses[0] - plain.losses[0], 0.3 * (1 - cosines), atol=1e-9, rtol=0)


def test_the_scale_of_the_batch_has_a_gradient_only_if_asked_for():
    term = a_term()
    gradients = []
    for attached in (False, True):
        leaf = term.read_outs.clone().requires_grad_()
        built = build_mode(settings_of("paper", metric="identity", scale_gradient=attached), [12])
        total(built([Pairs(leaf, term.teacher)], 16, ALL[:1])).sum().backward()
        gradients.append(leaf.grad)
    outlier = scaled_cost(term).amax(-1).argmax()
    difference = (gradients[0] - gradients[1]).norm(dim=-1)
    assert difference[outlier] > 0.01
    assert difference.sum() == pytest.approx(float(difference[outlier]), rel=1e-6)


def test_every_term_has_a_metric_of_its_own_width():
    built = build_mode(settings_of("robust"), [12, 20])
    result = built([a_term(width=12), a_term(width=20)], 16, ALL)
    assert result.losses.shape == (2, 16)
    assert sorted(parameter.numel() for parameter in built.parameters()) == [144, 400]


def test_an_unknown_mode_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="'clip'; choose from infonce, ot, paper, robust, siglip"):
        build_mode(AlignmentSettings(mode="clip"), [8])


def test_a_recipe_may_name_every_mode_and_every_metric():
    assert set(LOSS_MODES) == set(get_args(ModeName))
    assert set(METRICS) == set(get_args(MetricName))
