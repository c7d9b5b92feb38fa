"""Only what hangs together with the organ is kept, where a model wants that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from Med3DInsightLib.analysis.segmentations.connected_part import largest_connected_part
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.volumes import Grid, Volume

COARSE, FINE = np.array([3.0, 3.0, 3.0]), np.array([1.0, 1.0, 1.0])
labels = arrays(np.uint8, st.tuples(*[st.integers(1, 7)] * 3), elements=st.integers(0, 2))


def test_structures_of_the_largest_part_keep_their_labels_and_the_rest_is_gone():
    volume = np.zeros((6, 6, 6), np.uint8)
    volume[1:4, 1:4, 1:4] = 1
    volume[2, 2, 4] = 2  # touches by a face
    volume[4, 4, 4] = 3  # touches by a corner
    volume[0, 5, 5] = 4
    kept = largest_connected_part(volume, COARSE)
    assert sorted(np.unique(kept)) == [0, 1, 2]
    assert (kept[kept != 0] == volume[kept != 0]).all()


@given(labels)
@settings(max_examples=60, deadline=None)
def test_one_part_of_the_greatest_size_is_left_where_voxels_are_thicker_than_bridges(volume):
    kept = largest_connected_part(volume, COARSE)
    _, count = ndimage.label(kept)
    parts, _ = ndimage.label(volume)
    assert count == min(1, volume.any())
    assert (kept != 0).sum() == np.bincount(parts.ravel())[1:].max(initial=0)
    assert (kept[kept != 0] == volume[kept != 0]).all()


@given(labels)
@settings(max_examples=60, deadline=None)
def test_nothing_is_added_and_nothing_found_stays_nothing_found(volume):
    kept = largest_connected_part(volume, FINE)
    assert (kept[kept != 0] == volume[kept != 0]).all()
    assert kept.any() == volume.any()


@pytest.mark.parametrize(("spacing", "is_cut"), [(FINE, True), (COARSE, False), (np.array([1.0, 1.0, 5.0]), True)])
def test_a_thin_bridge_does_not_connect(spacing, is_cut):
    volume = np.zeros((9, 9, 30), np.uint8)
    volume[1:8, 1:8, 1:10] = 1
    volume[4, 4, 10:20] = 2
    volume[2:7, 2:7, 20:26] = 3
    kept = largest_connected_part(volume, spacing)
    assert (kept == 1).sum() == (volume == 1).sum()
    assert (3 not in kept) == is_cut
    assert (kept[4, 4, 15] == 0) == is_cut


def test_a_session_does_so_only_for_a_model_whose_card_says_so(a_card):
    torch.manual_seed(0)
    network = build_network(a_card.architecture)
    with torch.no_grad():  # so that the background is between the labels, here and there
        weight = network.decoder.head[-1].weight
        weight[2:] = 0.0
        weight[1] = -weight[0]
        network.decoder.head[-1].bias[:] = torch.tensor([0.0, 0.0, *[-9.0] * (len(weight) - 2)])
    noise = np.random.default_rng(0).normal(0.0, 1.0, (20, 20, 20)).astype(np.float32)
    volume = Volume(noise, Grid(noise.shape, np.eye(4)))
    found = {
        only: Session(replace(a_card, largest_part_only=only), network, torch.device("cpu")).segment(volume)
        for only in (False, True)
    }
    everything = found[False].labels.array_kji
    assert (found[True].labels.array_kji == largest_connected_part(everything, volume.grid.spacing_ijk_mm)).all()
    assert ndimage.label(everything)[1] > 1
