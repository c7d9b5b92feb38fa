"""Attention that is at a known token by construction is found there in the patient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from Testing.conftest import oblique_affine

from Med3DInsightLib.analysis.slices.attention_choice import AttentionChoice
from Med3DInsightLib.analysis.slices.reader import SliceReader
from Med3DInsightLib.analysis.windows.feature_cache import FeatureCache
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Grid, Plane, Reorientation, VolumeError, slice_at
from Med3DInsightLib.volumes.slices import place_in

from .parts import SETTINGS, brightest_token_encoder, dim_volume, encoder_card, random_encoder, with_bright_cube

CPU = torch.device("cpu")
PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
GRIDS = {
    "one window": Grid((12, 24, 26), oblique_affine()),
    "many windows": Grid((20, 60, 50), oblique_affine()),
    "thin": Grid((5, 100, 30), np.diag([-1.0, 1.0, 6.0, 1.0])),
}


def brightest_ras_mm(values_kji, grid):
    return grid.ras_of(np.unravel_index(values_kji.argmax(), values_kji.shape)[::-1])


def reader_of(a_card, encoder):
    return SliceReader(encoder_card(a_card), encoder, CPU, FeatureCache(10**8))


@pytest.mark.parametrize(("codes", "levels"), [("RAS", 1), ("LPS", 2), ("AIL", 2), ("SRP", 1)])
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_a_bright_cube_is_where_attention_is(a_card, grid, codes, levels):
    """Within one token (of the coarsest level, 8 mm), wherever the cube and however the file is stored."""
    reader = reader_of(a_card, brightest_token_encoder(levels))
    turned = Reorientation.to(grid, codes).target
    for share in ([0.3, 0.7, 0.6], [0.8, 0.2, 0.5]):
        centre = grid.ras_of(np.array(share) * (np.array(grid.shape_ijk) - 1))
        volume = with_bright_cube(dim_volume(turned), centre, half_mm=5.0)
        for plane in PLANES:
            index = slice_at(turned, plane, centre).index
            stack = reader.attention(volume, plane, [index])
            off_mm = stack.grid.directions_ras.T @ (brightest_ras_mm(stack.map_of(index, turned), turned) - centre)
            assert np.abs(off_mm).max() <= 8.0, plane


def test_each_map_sums_to_one_over_the_volume_and_what_is_in_padding_is_left_out(a_card):
    reader = reader_of(a_card, random_encoder())
    grid = Grid((32, 64, 64), np.eye(4))
    stack = reader.attention(dim_volume(grid), Plane.AXIAL)
    assert stack.maps_kji.shape == (32, 8, 16, 16)
    assert stack.maps_kji.dtype == np.float32
    assert stack.maps_kji.sum((1, 2, 3)) == pytest.approx(1.0, abs=1e-4)
    padded = reader.attention(dim_volume(Grid((8, 64, 64), np.eye(4))), Plane.AXIAL)
    assert padded.maps_kji.shape[1] == 3  # 8 mm are in the middle of a patch of 32 mm, across tokens of 4 mm
    assert (padded.maps_kji.sum((1, 2, 3)) < 0.9).all()


def test_one_window_gives_what_psat_attends_to(a_card):
    reader = reader_of(a_card, random_encoder(replace(SETTINGS, levels=1)))
    volume = dim_volume(Grid((32, 32, 32), np.eye(4)))
    windows = reader.windows_of(volume)
    field = windows.field_of_view(0)
    for choice, expected in (
        (AttentionChoice(), lambda maps: maps.on_tokens.mean((0, 3))[0, :, 0]),
        (AttentionChoice(layer=1), lambda maps: maps.on_tokens[1].mean(2)[0, :, 0]),
        (AttentionChoice(head=1), lambda maps: maps.on_tokens[:, 0, :, 1, 0].mean(0)),
        (AttentionChoice(layer=0, head=1), lambda maps: maps.on_tokens[0, 0, :, 1, 0]),
        (AttentionChoice(rollout=True), lambda maps: maps.rollout()[0, :, 0]),
    ):
        stack = reader.attention(volume, Plane.CORONAL, [4, 20], choice)
        with torch.inference_mode():
            memory = reader.network.psat.remember(reader.network.backbone(windows.tiling.batch([0])), [field])
            maps = reader.network.psat.attention(memory, [[place_in(field, place) for place in stack.places]])
            (wanted,) = memory.as_maps(expected(maps))
        assert [place.index for place in stack.places] == [4, 20]
        assert np.abs(stack.maps_kji - wanted.numpy()).max() < 1e-5


def test_uniform_attention_stays_uniform_over_levels_and_windows(a_card):
    """No seams where windows overlap, no steps between levels."""
    reader = reader_of(a_card, brightest_token_encoder(levels=2, sharpness=0.0))
    stack = reader.attention(dim_volume(Grid((24, 80, 48), np.diag([2.0, 2.0, 2.0, 1.0]))), Plane.SAGITTAL, [7])
    inside = stack.maps_kji[0][stack.maps_kji[0] > 0]
    assert stack.maps_kji.shape[2] == 40
    assert inside.max() / inside.min() == pytest.approx(1.0, abs=1e-4)


def test_what_the_model_or_the_volume_does_not_have_is_refused(a_card):
    reader = reader_of(a_card, random_encoder())
    volume = dim_volume(Grid((10, 10, 10), np.eye(4)))
    with pytest.raises(UserError, match=r"no layer 2.*0 to 1"):
        reader.attention(volume, Plane.AXIAL, [0], AttentionChoice(layer=2))
    with pytest.raises(UserError, match=r"no head 5.*0 to 1"):
        reader.attention(volume, Plane.AXIAL, [0], AttentionChoice(head=5))
    with pytest.raises(VolumeError, match="no axial slice 10"):
        reader.attention(volume, Plane.AXIAL, [10])
    with pytest.raises(ValueError, match="rollout"):
        AttentionChoice(layer=0, rollout=True)
