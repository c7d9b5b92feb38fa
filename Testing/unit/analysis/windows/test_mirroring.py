"""Scores averaged with those of the mirror image, where a model wants that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled, Progress
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.analysis.windows.estimate import WindowCost, estimate_run
from Med3DInsightLib.analysis.windows.feature_cache import FeatureCache
from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.volumes import Grid, Recipe, Volume

CPU = torch.device("cpu")


@pytest.fixture
def a_sided_card(a_card: ModelCard) -> ModelCard:
    left, right = a_card.segments
    sides = replace(left, name="left thalamus"), replace(right, name="right thalamus")
    return replace(a_card, segments=sides, mirrored_average=True)


@pytest.fixture
def a_head() -> Volume:
    """Axes along R, A and S, about three windows along each of them."""
    noise = np.random.default_rng(0).normal(size=(44, 48, 52)).cumsum(2).astype(np.float32)
    return Volume(noise, Grid(noise.shape, np.eye(4)))


@pytest.fixture
def one_window(a_recipe: Recipe) -> Volume:
    """A volume that fills one window, so that windows of its mirror image lie the same."""
    noise = np.random.default_rng(0).normal(size=a_recipe.patch_kji).cumsum(2).astype(np.float32)
    return Volume(noise, Grid(noise.shape, np.diag([*a_recipe.spacing_ijk_mm, 1.0])))


def in_a_mirror(volume: Volume) -> Volume:
    """The other way round from left to right, on the same grid."""
    return volume.with_array(np.ascontiguousarray(volume.array_kji[..., ::-1]))


def a_session(card: ModelCard, **more: object) -> Session:
    """One whose network finds both structures about equally often."""
    torch.manual_seed(0)
    network = build_network(card.architecture)
    with torch.no_grad():
        layer = network.decoder.head[-1]
        layer.weight[1] = -layer.weight[2]
        layer.bias[:] = 0.0
    return Session(card, network, CPU, **more)


def test_in_the_mirror_image_left_and_right_are_exactly_exchanged(a_sided_card, one_window):
    twin = np.array([0, 2, 1])
    for average in (False, True):
        session = a_session(replace(a_sided_card, mirrored_average=average))
        labels, mirrored = (session.segment(each).labels.array_kji for each in (one_window, in_a_mirror(one_window)))
        assert set(np.unique(labels)) >= {1, 2}
        assert (twin[labels] == mirrored[..., ::-1]).all() == average


def test_structures_without_a_side_are_exactly_mirrored(a_card, one_window):
    session = a_session(replace(a_card, mirrored_average=True))
    labels, mirrored = (session.segment(each).labels.array_kji for each in (one_window, in_a_mirror(one_window)))
    assert (labels == mirrored[..., ::-1]).all()


def test_both_passes_count_in_the_progress_and_can_be_stopped(a_sided_card, a_head):
    told: list[Progress] = []
    a_session(a_sided_card).segment(a_head, progress=told.append)
    fractions = [report.fraction for report in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0

    class SecondPass:
        def is_set(self) -> bool:
            return bool(stopped) and stopped[-1].fraction > 0.5

    stopped: list[Progress] = []
    with pytest.raises(AnalysisCancelled):
        a_session(a_sided_card).segment(a_head, progress=stopped.append, cancel=SecondPass())
    assert stopped[-1].fraction < 0.6


def test_features_of_both_passes_are_kept_for_other_heads(a_sided_card, a_head):
    session = a_session(a_sided_card, features=FeatureCache(limit_bytes=2**30))
    first = session.segment(a_head)
    again = session.segment(a_head)
    assert first.encoded_windows > 0
    assert again.encoded_windows == 0
    assert (again.labels.array_kji == first.labels.array_kji).all()


def test_twice_the_windows_are_estimated(a_sided_card, a_head):
    cost = WindowCost(seconds=1.0, memory_bytes=1000)
    once, twice = (
        estimate_run(a_head.grid, replace(a_sided_card, mirrored_average=average), 0.5, cost, 2**30)
        for average in (False, True)
    )
    assert twice.windows == 2 * once.windows
    assert twice.seconds > 1.9 * once.seconds
    assert twice.memory_bytes > once.memory_bytes
