"""A classifying network says what a volume is, how sure it is, and whether it has seen the like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import shrunk_covariance

from Med3DInsightLib.bundles import Architecture, HeadKind
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.classification import ClassificationNetwork
from Med3DInsightLib.networks.factory import build_network, load_network, save_network
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


def an_averaging_network(axes=(0, 1, 2)):
    torch.manual_seed(0)
    return ClassificationNetwork(build_backbone("segresnet", init_filters=8, blocks=(1, 1)), 3, axes).eval()


def every_mirror_image(x):
    """All eight, by slicing with steps of -1."""
    array, steps = x.numpy(), (slice(None), slice(None, None, -1))
    return [torch.from_numpy(array[:, :, k, j, i].copy()) for k in steps for j in steps for i in steps]


@torch.inference_mode()
def test_scores_are_the_mean_of_those_of_all_mirror_images():
    x = torch.rand(2, 1, 8, 12, 16, generator=torch.Generator().manual_seed(1))
    averaging, plain = an_averaging_network(), an_averaging_network(())
    each = torch.stack([plain(image) for image in every_mirror_image(x)])
    assert torch.allclose(averaging(x), each.mean(dim=0), atol=1e-5)
    assert not torch.allclose(averaging(x), plain(x), atol=1e-3)
    for image in every_mirror_image(x):
        assert torch.allclose(averaging(image), averaging(x), atol=1e-5)


@torch.inference_mode()
def test_only_chosen_axes_are_mirrored():
    x = torch.rand(1, 1, 8, 8, 8, generator=torch.Generator().manual_seed(1))
    network = an_averaging_network((2,))
    assert torch.allclose(network(x), network(x.flip(4)), atol=1e-5)
    assert not torch.allclose(network(x), network(x.flip(2)), atol=1e-3)


def test_a_network_that_learns_sees_one_image_at_a_time():
    network = an_averaging_network().train()
    passes = []
    network.backbone.register_forward_hook(lambda *_: passes.append(1))
    network(torch.rand(2, 1, 8, 8, 8))
    assert len(passes) == 1
    network.eval()(torch.rand(2, 1, 8, 8, 8))
    assert len(passes) == 9


def test_a_bundle_keeps_which_mirror_images_are_averaged(a_card, tmp_path):
    architecture = Architecture("segresnet", {"init_filters": 8, "blocks": [1, 1]}, HeadKind.CLASSIFICATION, 2)
    averaging = replace(architecture, mirrored_axes_kji=(0, 2))
    card = replace(a_card, architecture=averaging, segments=(), class_names=("a", "b"))
    network = load_network(save_network(build_network(averaging), card, tmp_path / "averaging"))
    assert network.mirrored_axes_kji == (0, 2)
    assert build_network(architecture).mirrored_axes_kji == ()


@pytest.mark.parametrize(
    ("head", "axes"), [(HeadKind.SEGMENTATION, (0,)), (HeadKind.NONE, (2,)), (HeadKind.CLASSIFICATION, (3,))]
)
def test_axes_that_are_none_or_of_a_network_that_does_not_classify_are_refused(head, axes):
    with pytest.raises(ValueError, match="mirrored_axes_kji"):
        Architecture("segresnet", {}, head, 2, mirrored_axes_kji=axes)


def test_an_axis_is_mirrored_once():
    with pytest.raises(ValueError, match=r"\[1, 1\]"):
        Architecture("segresnet", {}, HeadKind.CLASSIFICATION, 2, mirrored_axes_kji=(1, 1))
