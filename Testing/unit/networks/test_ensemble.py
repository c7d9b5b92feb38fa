"""Several networks that segment answer as one, with the mean of their scores."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.analysis.windows.feature_cache import FeatureCache
from Med3DInsightLib.bundles import Architecture, HeadKind
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.ensemble import SegmentationEnsemble
from Med3DInsightLib.networks.factory import build_network, encoder_of, load_network, save_network
from Med3DInsightLib.networks.segmentation import SegmentationNetwork

ROOMY = 10**9


def a_member(seed, classes=3, blocks=(1, 1, 1)):
    torch.manual_seed(seed)
    return SegmentationNetwork(build_backbone("segresnet", init_filters=8, blocks=blocks), classes).eval()


@pytest.fixture
def a_bundle_of_three(a_card, tmp_path):
    """Three networks of the architecture of a_card, which have not learnt anything, and each alone."""
    architecture = replace(a_card.architecture, members=3)
    torch.manual_seed(1)
    bundle = save_network(build_network(architecture), replace(a_card, architecture=architecture), tmp_path / "three")
    return bundle, a_card


@torch.inference_mode()
def test_scores_are_the_mean_of_those_of_the_members():
    members = [a_member(seed) for seed in range(3)]
    x = torch.randn(2, 1, 16, 24, 16)
    expected = torch.stack([member(x) for member in members]).mean(dim=0)
    ensemble = SegmentationEnsemble(members).eval()
    assert torch.allclose(ensemble(x), expected, atol=1e-5)
    features = ensemble.backbone(x)
    assert [level.shape[1] for level in features] == list(ensemble.backbone.channels)
    assert torch.equal(ensemble.decoder(features), ensemble(x))


def test_members_have_the_same_levels_and_classes():
    with pytest.raises(ValueError, match="the same classes"):
        SegmentationEnsemble([a_member(0), a_member(1, classes=4)])
    with pytest.raises(ValueError, match="the same levels"):
        SegmentationEnsemble([a_member(0), a_member(1, blocks=(1, 1))])


@pytest.mark.parametrize(("head", "members"), [("none", 2), ("classification", 2), ("segmentation", 0)])
def test_only_networks_that_segment_have_members_and_at_least_one(head, members):
    entries = {"backbone": "resnet", "backbone_arguments": {}, "head": head, "classes": 2, "members": members}
    with pytest.raises(ValidationError, match=f"cannot have {members} members"):
        TypeAdapter(Architecture).validate_python(entries)


def test_a_bundle_keeps_all_members_and_its_encoder_is_that_of_the_first(a_bundle_of_three):
    bundle, _ = a_bundle_of_three
    network = load_network(bundle)
    assert isinstance(network, SegmentationEnsemble)
    assert len(network.decoder.members) == 3
    first = network.backbone.members[0].state_dict()
    assert all(torch.equal(tensor, first[name]) for name, tensor in encoder_of(network).state_dict().items())


def test_a_session_segments_with_all_of_them_and_keeps_their_features(a_bundle_of_three, a_volume):
    bundle, _ = a_bundle_of_three
    plain = Session.open(bundle, Device.CPU).segment(a_volume)
    session = Session.open(bundle, Device.CPU, FeatureCache(ROOMY))
    first, second = session.segment(a_volume), session.segment(a_volume)
    assert first.encoded_windows > 0
    assert second.encoded_windows == 0
    for result in (first, second):
        assert (result.labels.array_kji == plain.labels.array_kji).all()
    assert session.estimate(a_volume.grid).seconds > 0


def test_members_that_are_all_alike_segment_as_one_of_them(a_bundle_of_three, a_volume, tmp_path):
    bundle, card = a_bundle_of_three
    network = load_network(bundle)
    one = SegmentationNetwork(network.backbone.members[0], network.classes)
    one.decoder = network.decoder.members[0]
    alone = save_network(one, card, tmp_path / "one")
    alike = SegmentationEnsemble([load_network(alone) for _ in range(3)])
    architecture = replace(card.architecture, members=3)
    assert architecture.head == HeadKind.SEGMENTATION
    thrice = save_network(alike, replace(card, architecture=architecture), tmp_path / "alike")
    labels = [Session.open(each, Device.CPU).segment(a_volume).labels.array_kji for each in (alone, thrice)]
    assert (labels[0] == labels[1]).mean() > 0.999  # the mean of three equal sums may round
