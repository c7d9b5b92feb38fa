"""The encoder runs once per volume, whatever asks for its features, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.analysis.windows.compute_plan import ComputePlan
from Med3DInsightLib.analysis.windows.feature_cache import FeatureCache, FeatureKey, bytes_of
from Med3DInsightLib.analysis.windows.scoring import WindowScorer
from Med3DInsightLib.analysis.windows.tiling import Tiling
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import build_network, load_network, save_network
from Med3DInsightLib.networks.fingerprint import fingerprint

CPU = torch.device("cpu")
ROOMY = 10**9


@pytest.fixture
def a_network(a_card):
    torch.manual_seed(0)
    return build_network(a_card.architecture).eval()


@pytest.fixture
def a_tiling():
    array = np.random.default_rng(0).normal(size=(24, 24, 40)).astype(np.float32)
    return Tiling.of(array, (16, 16, 16), 0.5)


def test_cached_features_give_the_same_scores_to_the_bit(a_network, a_tiling):
    plan = ComputePlan.usual(CPU, (16, 16, 16), keeps_features=True)
    plain, encoded = WindowScorer(a_network, "a", FeatureCache(0)).run(a_tiling, plan)
    assert encoded == len(a_tiling.distinct)
    cache = FeatureCache(ROOMY)
    first, _ = WindowScorer(a_network, "a", cache).run(a_tiling, plan)
    second, encoded = WindowScorer(a_network, "a", cache).run(a_tiling, plan)
    assert encoded == 0
    assert torch.equal(plain, first)
    assert torch.equal(plain, second)


def test_several_windows_at_once_give_the_same_scores(a_network, a_tiling):
    one = ComputePlan.usual(CPU, (16, 16, 16), keeps_features=True)
    cache = FeatureCache(ROOMY)
    expected, _ = WindowScorer(a_network, "a", FeatureCache(0)).run(a_tiling, one)
    for _ in range(2):  # computed, then from the cache
        scores, _ = WindowScorer(a_network, "a", cache).run(a_tiling, replace(one, windows_at_once=3))
        assert torch.allclose(scores, expected, atol=1e-4)


def test_features_that_do_not_fit_are_not_kept(a_network, a_tiling):
    plan = ComputePlan.usual(CPU, (16, 16, 16), keeps_features=True)
    cache = FeatureCache(limit_bytes=100_000)
    for _ in range(2):
        _, encoded = WindowScorer(a_network, "a", cache).run(a_tiling, plan)
        assert encoded == len(a_tiling.distinct)
    assert cache.size_bytes == 0


def test_the_cache_drops_what_was_not_used_for_longest():
    def features(level):
        return {0: [torch.full((100,), float(level))]}

    keys = [FeatureKey(str(n), "encoder", (), "cpu") for n in range(3)]
    cache = FeatureCache(limit_bytes=2 * bytes_of(features(0)))
    cache.put(keys[0], features(0))
    cache.put(keys[1], features(1))
    assert cache.get(keys[0]) is not None
    cache.put(keys[2], features(2))
    assert [cache.get(key) is not None for key in keys] == [True, False, True]
    cache.clear()
    assert cache.size_bytes == 0


def test_other_voxels_another_encoder_or_other_windows_are_another_key(a_network, a_tiling):
    other_voxels = Tiling.of(a_tiling.array_kji.numpy() + 1, (16, 16, 16), 0.5)
    other_windows = Tiling.of(a_tiling.array_kji.numpy(), (16, 16, 24), 0.5)
    keys = {
        FeatureKey.of(a_tiling, "a", "cpu"),
        FeatureKey.of(other_voxels, "a", "cpu"),
        FeatureKey.of(other_windows, "a", "cpu"),
        FeatureKey.of(a_tiling, "b", "cpu"),
    }
    assert len(keys) == 4


def test_a_second_head_on_the_same_volume_does_not_run_the_encoder_again(a_bundle, a_volume, tmp_path):
    """Two models with the same encoder and other decoders, as after fine-tuning with a frozen encoder."""
    network = load_network(a_bundle)
    with torch.no_grad():
        for parameter in network.decoder.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    second_head = save_network(network, a_bundle.card, tmp_path / "second")
    service = AnalysisService(Bundle.open, feature_bytes=ROOMY)
    alone = AnalysisService(Bundle.open).segment(SegmentRequest(str(second_head.folder)), a_volume)

    first = service.segment(SegmentRequest(str(a_bundle.folder)), a_volume)
    second = service.segment(SegmentRequest(str(second_head.folder)), a_volume)

    assert (first.encoded_windows > 0, second.encoded_windows) == (True, 0)
    assert np.array_equal(second.labels.array_kji, alone.labels.array_kji)
    assert not np.array_equal(second.labels.array_kji, first.labels.array_kji)
    service.release_memory()
    assert service.segment(SegmentRequest(str(a_bundle.folder)), a_volume).encoded_windows > 0


def test_a_fingerprint_tells_encoders_apart(a_network, a_card):
    same = build_network(a_card.architecture)
    same.load_state_dict(a_network.state_dict())
    assert fingerprint(same.backbone) == fingerprint(a_network.backbone)
    with torch.no_grad():
        next(same.backbone.parameters()).add_(1e-6)
    assert fingerprint(same.backbone) != fingerprint(a_network.backbone)
