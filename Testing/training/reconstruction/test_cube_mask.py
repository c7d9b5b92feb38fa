"""Cubes are hidden whole, in the right number, and always the same ones for a sample."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import max_pool3d

from med3dtrain.reconstruction.cube_mask import CubeMask
from med3dtrain.reconstruction.settings import ReconstructionSettings

axes = st.integers(1, 20)


@given(shape_kji=st.tuples(axes, axes, axes), cube=st.integers(1, 9), fraction=st.floats(0.01, 0.99))
def test_the_share_of_hidden_cubes_is_kept_and_cubes_are_whole(shape_kji, cube, fraction):
    cubes = 1
    for size in shape_kji:
        cubes *= -(-size // cube)
    mask = CubeMask(fraction, cube, seed=0)
    if cubes == 1:
        with pytest.raises(ValueError, match="covers"):
            mask.draw(shape_kji, [0])
        return
    hidden = mask.draw(shape_kji, [0, 1])
    assert hidden.shape == (2, 1, *shape_kji)
    assert hidden.dtype == torch.bool

    def any_in_cube(voxels):
        return max_pool3d(voxels.float(), cube, ceil_mode=True).bool()

    assert not (any_in_cube(hidden) & any_in_cube(~hidden)).any()
    per_sample = any_in_cube(hidden).sum((1, 2, 3, 4))
    assert per_sample.tolist() == [min(max(round(fraction * cubes), 1), cubes - 1)] * 2


def test_sixty_per_cent_are_hidden_by_default():
    settings = ReconstructionSettings()
    hidden = CubeMask(settings.fraction, settings.cube, settings.seed).draw((128, 128, 128), range(3))
    assert hidden.float().mean() == pytest.approx(307 / 512)


def test_a_sample_has_its_mask_in_every_batch_and_others_have_others():
    mask = CubeMask(0.6, 4, seed=3)
    first = mask.draw((16, 16, 16), [7, 8, 9])
    assert torch.equal(mask.draw((16, 16, 16), [9, 7]), first[[2, 0]])
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(CubeMask(0.6, 4, seed=4).draw((16, 16, 16), [7]), first[:1])


def test_every_cube_is_hidden_about_equally_often():
    often = CubeMask(0.5, 4, seed=0).draw((8, 8, 8), range(2000)).float().mean(0)
    assert often.min() > 0.44
    assert often.max() < 0.56


@pytest.mark.parametrize("wrong", [{"fraction": 0.0}, {"fraction": 1.0}, {"cube": 0}])
def test_settings_that_hide_nothing_or_everything_are_refused(wrong):
    with pytest.raises(ValueError, match=r"hid"):
        ReconstructionSettings(**wrong)
