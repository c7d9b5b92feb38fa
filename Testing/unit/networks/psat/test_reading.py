"""Reading slices: together or one by one, from one level or several, with tokens that know their place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from Med3DInsightLib.bundles import ConditioningKind, PsatSettings, ReadOutKind
from Med3DInsightLib.networks.footprint import activation_bytes
from Med3DInsightLib.networks.psat.factory import build_psat
from Med3DInsightLib.networks.psat.position_encoding import PositionEncoding
from Med3DInsightLib.networks.psat.token_memory import TokenMemory
from Med3DInsightLib.volumes import Grid
from Med3DInsightLib.volumes.slices import Plane, slices_of

from .parts import CHANNELS, FEATURES_KJI, GRIDS, SMALL, STRIDES, all_axial, oblique, one_of_each_plane

VARIANTS = {
    "default": SMALL,
    "conditioned tokens": replace(SMALL, condition_tokens=True),
    "table": replace(SMALL, conditioning=ConditioningKind.JOINT_TABLE),
    "several levels": replace(SMALL, levels=3),
    "mean of queries": replace(SMALL, read_out=ReadOutKind.MEAN),
    "one query": replace(SMALL, queries=1),
    "one layer": replace(SMALL, layers=1),
    "faithful": replace(PsatSettings.faithful(), layers=2, heads=4, width=CHANNELS[-1], queries=30),
}


@pytest.fixture(params=VARIANTS)
def a_variant(request) -> PsatSettings:
    return VARIANTS[request.param]


@torch.inference_mode()
def test_all_slices_at_once_are_what_they_are_one_by_one(build, features, a_variant):
    psat = build(a_variant)
    memory = psat.remember(features, GRIDS)
    together = psat.read(memory, all_axial())
    assert together.shape == (2, 32, a_variant.embedding)
    alone = [
        psat(
            [level[volume : volume + 1] for level in features],
            [GRIDS[volume]],
            [[all_axial()[volume][index]]],
        )
        for volume, index in ((0, 0), (0, 31), (1, 13))
    ]
    expected = [together[0, 0], together[0, 31], together[1, 13]]
    for one, same in zip(alone, expected, strict=True):
        assert (one[0, 0] - same).abs().max() < 1e-5
    assert together.flatten(0, 1).std(0).min() > 1e-3


@torch.inference_mode()
@pytest.mark.parametrize("slices_at_once", [1, 5, 32, 1000])
def test_the_number_of_slices_at_once_does_not_change_the_result(build, features, small_settings, slices_at_once):
    psat = build(small_settings)
    memory = psat.remember(features, GRIDS)
    assert (psat.read(memory, all_axial(), slices_at_once) - psat.read(memory, all_axial())).abs().max() < 1e-5


def test_the_number_of_slices_at_once_bounds_the_memory(build, small_settings):
    psat = build(replace(small_settings, queries=200))
    places = [slices_of(grid, Plane.SAGITTAL) for grid in GRIDS]

    class Reading(nn.Module):
        def __init__(self, slices_at_once: int) -> None:
            super().__init__()
            self.psat, self.slices_at_once = psat, slices_at_once

        def forward(self, tokens):
            return self.psat.read(TokenMemory(tokens, ((2, 3, 4),), GRIDS), places, self.slices_at_once)

    few, all_64 = (activation_bytes(Reading(slices_at_once), (2, 24, 24)) for slices_at_once in (4, 64))
    assert few < all_64 / 8


def test_gradients_reach_every_weight(build, features, a_variant):
    psat = build(a_variant).train()
    psat(features, GRIDS, one_of_each_plane()).square().mean().backward()
    assert [name for name, weight in psat.named_parameters() if weight.grad is None] == []


@torch.inference_mode()
def test_oblique_slices_are_read_too(build, features, small_settings):
    embeddings = build(small_settings)(features, GRIDS, oblique())
    assert embeddings.shape == (2, 4, 7)
    assert embeddings.std(1).min() > 1e-3


@torch.inference_mode()
def test_without_conditioning_every_slice_reads_the_same(build, features, small_settings):
    psat = build(replace(small_settings, conditioning=ConditioningKind.NONE))
    embeddings = psat(features, GRIDS, one_of_each_plane())
    assert (embeddings - embeddings[:, :1]).abs().max() < 1e-6
    assert (embeddings[0] - embeddings[1]).abs().max() > 1e-3


@torch.inference_mode()
def test_moving_the_whole_patient_changes_nothing(build, features, small_settings):
    psat = build(small_settings)
    moved = []
    for grid in GRIDS:
        affine = grid.ijk_to_ras.copy()
        affine[:3, 3] += (100.0, -250.0, 60.0)
        moved.append(Grid(grid.shape_kji, affine))
    here = psat(features, GRIDS, [slices_of(grid, Plane.CORONAL) for grid in GRIDS])
    there = psat(features, moved, [slices_of(grid, Plane.CORONAL) for grid in moved])
    assert torch.allclose(here, there, atol=1e-4)


@torch.inference_mode()
def test_tokens_that_know_their_place_cannot_be_exchanged_unnoticed(build, features, small_settings):
    shuffled = [*features[:-1], features[-1].flip(2)]
    places = one_of_each_plane()
    knowing = build(small_settings)
    assert (knowing(features, GRIDS, places) - knowing(shuffled, GRIDS, places)).abs().max() > 1e-3
    unknowing = build(replace(small_settings, token_positions=False))
    assert torch.allclose(unknowing(features, GRIDS, places), unknowing(shuffled, GRIDS, places), atol=1e-5)


@torch.inference_mode()
def test_tokens_of_several_levels_come_back_as_maps_of_their_levels(build, features, small_settings):
    memory = build(replace(small_settings, levels=3)).remember(features, GRIDS)
    assert memory.shapes_kji == FEATURES_KJI
    assert memory.tokens.shape == (2, 8 * 12 * 16 + 4 * 6 * 8 + 2 * 3 * 4, 24)
    maps = memory.as_maps(torch.arange(memory.tokens.shape[1]).expand(2, 3, -1))
    assert [level.shape for level in maps] == [(2, 3, *shape) for shape in FEATURES_KJI]
    assert maps[1][0, 0, 0, 0, 0] == 8 * 12 * 16
    assert maps[2][1, 2, 1, 2, 3] == memory.tokens.shape[1] - 1


@torch.inference_mode()
def test_tokens_carry_the_encoding_of_where_they_are(build, features, small_settings):
    psat, without = build(small_settings), build(replace(small_settings, token_positions=False))
    added = psat.remember(features, GRIDS).tokens - without.remember(features, GRIDS).tokens
    i, j, k = 3, 1, 0
    centre_ijk = np.array([i, j, k]) * 16 + 7.5
    for volume, grid in enumerate(GRIDS):
        position = grid.ras_of(centre_ijk) - grid.ras_of((np.array(grid.shape_ijk) - 1) / 2)
        expected = PositionEncoding(24)(torch.tensor(position, dtype=torch.float32))
        assert torch.allclose(added[volume, (k * 3 + j) * 4 + i], expected, atol=1e-4)


def test_an_encoding_has_waves_from_32_to_2048_mm_along_every_axis_and_fills_up_with_zeros():
    encoding = PositionEncoding(width=31)
    wavelengths_mm = 2 * np.pi / encoding.frequencies.double()
    assert wavelengths_mm.tolist() == pytest.approx([2048.0, 724.08, 256.0, 90.51, 32.0], rel=1e-4)
    encoded = encoding(torch.tensor([8.0, -64.0, 512.0]))
    assert encoded.shape == (31,)
    sines, cosines, rest = encoded[:15].reshape(3, 5), encoded[15:30].reshape(3, 5), encoded[30:]
    assert sines[0, 4].item() == pytest.approx(1.0, abs=1e-5)
    assert cosines[1, 4].item() == pytest.approx(1.0, abs=1e-5)
    assert sines[1, 2].item() == pytest.approx(-1.0, abs=1e-5)
    assert cosines[2, 0].item() == pytest.approx(0.0, abs=1e-5)
    assert rest.tolist() == [0.0]


def test_what_does_not_fit_is_refused(build, features, small_settings):
    with pytest.raises(ValueError, match="attends 4 levels, and the backbone has 3"):
        build_psat(replace(small_settings, levels=4), CHANNELS, STRIDES)
    psat = build(small_settings)
    with pytest.raises(ValueError, match="2 volumes were seen, but 1"):
        psat.remember(features, GRIDS[:1])
    with pytest.raises(ValueError, match="do not cover"):
        psat.remember(features, [Grid((32, 48, 80), np.eye(4))] * 2)
