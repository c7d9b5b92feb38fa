"""A classifying network says what a volume is, how sure it is, and whether it has seen the like."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import shrunk_covariance

from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.classification import ClassificationNetwork
from Med3DInsightLib.networks.familiarity import Familiarity


def samples(count, seed, shift=0.0):
    generator = torch.Generator().manual_seed(seed)
    spread = torch.linspace(0.5, 2.0, 12)
    return shift + spread * torch.randn(count, 12, generator=generator)


@pytest.fixture
def familiar():
    familiarity = Familiarity(12)
    familiarity.learn(samples(400, 0), samples(300, 1))
    return familiarity


def test_the_distance_is_that_of_mahalanobis_with_a_shrunk_covariance(familiar):
    training, asked = samples(400, 0).double().numpy(), samples(5, 9)
    inverse = np.linalg.inv(shrunk_covariance(np.cov(training.T), shrinkage=0.1))
    expected = [mahalanobis(row, training.mean(0), inverse) for row in asked.double().numpy()]
    assert familiar.distance(asked).tolist() == pytest.approx(expected, rel=1e-4)


def test_what_is_like_the_training_data_has_any_share_and_what_is_not_has_all(familiar):
    shares = familiar.unlikeness(samples(500, 2))
    assert float(shares.mean()) == pytest.approx(0.5, abs=0.08)
    assert (familiar.unlikeness(samples(50, 3, shift=8.0)) == 1.0).all()
    assert (familiar.unlikeness(torch.full((1, 12), 1e6)) == 1.0).all()


def test_before_anything_is_learnt_unlikeness_is_unknown():
    assert Familiarity(12).unlikeness(samples(3, 0)).isnan().all()


def test_few_cases_with_many_dimensions_are_enough():
    familiarity = Familiarity(12)
    familiarity.learn(samples(3, 0), samples(2, 1))
    assert familiarity.unlikeness(samples(4, 2)).isfinite().all()


def test_a_small_bright_spot_changes_the_embedding():
    network = ClassificationNetwork(build_backbone("segresnet", init_filters=8, blocks=(1, 1, 1)), 3).eval()
    x = torch.zeros(1, 1, 16, 16, 16)
    spot = x.clone()
    spot[0, 0, 8, 8, 8] = 1.0
    with torch.no_grad():
        assert network(x).shape == (1, 3)
        assert not torch.allclose(network.embed(x), network.embed(spot), atol=1e-3)


def test_a_temperature_makes_probabilities_softer_and_keeps_their_order():
    network = ClassificationNetwork(build_backbone("segresnet", init_filters=8, blocks=(1, 1)), 3).eval()
    x = torch.rand(2, 1, 8, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        sharp = network(x).softmax(-1)
        network.temperature.fill_(4.0)
        soft = network(x).softmax(-1)
    assert (soft.max(-1).values < sharp.max(-1).values).all()
    assert torch.equal(soft.argsort(-1), sharp.argsort(-1))
