"""Probes and retrieval say what read-outs know, and no more."""

from __future__ import annotations

import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from torch.nn.functional import normalize

from med3dtrain.pretraining.measuring.probes import (
    LinearProbe,
    NeighbourProbe,
    ProbeSlices,
    linear_position_error,
    plane_accuracy,
    position_error,
)
from med3dtrain.pretraining.measuring.retrieval import recall_at, recall_of_read_outs_at


def random_rows(count, width, seed):
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def slices_with(knowledge, count=300, seed=0, width=12):
    """Read-outs that hold plane and position in some directions if knowledge is 1, and nothing but noise if 0."""
    generator = torch.Generator().manual_seed(seed)
    planes = torch.randint(3, (count,), generator=generator)
    positions = torch.rand(count, generator=generator)
    directions = random_rows(6, width, 99)
    truth = directions[planes] + positions.unsqueeze(1) * directions[3 + planes]
    return ProbeSlices(knowledge * truth + 0.02 * random_rows(count, width, seed + 1), planes, positions)


def test_a_probe_is_ridge_regression_on_standardised_embeddings():
    x, y = random_rows(50, 6, 0) * torch.tensor([1, 2, 3, 4, 5, 6.0]) + 3, random_rows(50, 2, 1)
    probe = LinearProbe(x, y, strength=0.2)
    scaled = (x - x.mean(0)) / x.std(0, correction=0)
    reference = Ridge(alpha=0.2 * 50).fit(scaled.double().numpy(), y.double().numpy())
    expected = torch.from_numpy(reference.predict(scaled.double().numpy()))
    assert torch.allclose(probe(x), expected, atol=1e-6)


def test_a_neighbour_probe_is_the_mean_of_the_nearest_by_cosine():
    x, y, asked = random_rows(50, 6, 0), random_rows(50, 2, 1), random_rows(20, 6, 2)
    reference = KNeighborsRegressor(n_neighbors=5, metric="cosine").fit(x.double().numpy(), y.double().numpy())
    expected = torch.from_numpy(reference.predict(asked.double().numpy()))
    assert torch.allclose(NeighbourProbe(x, y)(asked), expected, atol=1e-12)
    assert torch.allclose(NeighbourProbe(x[:3], y[:3])(asked), y[:3].double().mean(0).expand(20, 2))


@pytest.mark.parametrize("error", [position_error, linear_position_error])
def test_probes_read_what_is_there(error):
    train, test = slices_with(1.0, seed=0), slices_with(1.0, seed=5)
    assert plane_accuracy(train, test) > 0.99
    assert error(train, test) < 0.03


@pytest.mark.parametrize("error", [position_error, linear_position_error])
def test_probes_do_not_read_what_is_not_there(error):
    train, test = slices_with(0.0, seed=0), slices_with(0.0, seed=5)
    assert plane_accuracy(train, test) < 0.5
    assert error(train, test) == pytest.approx(0.26, abs=0.05)


def test_a_neighbour_probe_follows_a_curve_that_a_linear_one_cannot():
    positions = torch.linspace(0, 1, 200)
    angles = 6 * positions
    curve = torch.stack([angles.cos(), angles.sin()], 1)
    slices = ProbeSlices(curve, torch.zeros(200, dtype=torch.long), positions)
    assert position_error(slices, slices) < 0.01
    assert linear_position_error(slices, slices) > 0.05


def test_probes_take_constant_embeddings_and_more_dimensions_than_slices():
    train = ProbeSlices(torch.zeros(6, 40), torch.tensor([0, 0, 1, 1, 2, 2]), torch.linspace(0, 1, 6))
    assert plane_accuracy(train, train) == pytest.approx(1 / 3)
    assert position_error(train, train) > 0.0


def test_recall_counts_how_many_are_nearer_than_the_right_one():
    targets = torch.eye(4)
    read_outs = normalize(
        torch.tensor([[1, 0, 0, 0], [0.5, 0.4, 0, 0], [0.3, 0.2, 0.1, 0], [0.4, 0.3, 0.2, 0.1]]), dim=1
    )
    assert recall_at(read_outs, targets, 1) == 0.25
    assert recall_at(read_outs, targets, 2) == 0.5
    assert recall_at(read_outs, targets, 3) == 0.75
    assert recall_at(read_outs, targets, 4) == 1.0
    # The other way: which read-out is nearest to each target.
    assert recall_of_read_outs_at(read_outs, targets, 1) == pytest.approx(0.75)


def test_equal_captions_are_one_target_and_any_slice_of_theirs_is_right():
    targets = normalize(torch.tensor([[1.0, 0], [1, 0], [1, 0], [0, 1]]), dim=1)
    read_outs = normalize(torch.tensor([[1.0, 0.1], [1, 0.2], [0.3, 1], [0, 1]]), dim=1)
    assert recall_at(read_outs, targets, 1) == 0.75
    assert recall_of_read_outs_at(read_outs, targets, 1) == 1.0


def test_read_outs_that_say_nothing_are_not_rewarded():
    targets = normalize(random_rows(50, 8, 0), dim=1)
    constant = normalize(torch.ones(50, 8), dim=1)
    assert recall_at(constant, targets, 1) <= 0.02 + 1e-9
    assert recall_at(torch.zeros(50, 8), targets, 1) == 0.0
    assert recall_of_read_outs_at(constant, targets, 1) == 0.0
    assert recall_at(targets, targets, 1) == recall_of_read_outs_at(targets, targets, 1) == 1.0
