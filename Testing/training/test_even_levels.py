"""Levels of a pretrained encoder get the scales of fresh ones, and are the same apart from that."""

from __future__ import annotations

import pytest
import torch

from Med3DInsightLib.networks.backbones.registry import build_backbone
from med3dtrain.loops.even_levels import even_levels
from med3dtrain.loops.examples import Example

FACTORS = (3.0, 0.5, 30.0)
ROUNDING = 1e-2
"""Of the standard deviation: the small number that norms add to a variance stays what it is."""


class Images:
    """Examples of one volume each, without end."""

    def __getitem__(self, number):
        image = torch.randn(1, 16, 16, 16, generator=torch.Generator().manual_seed(number))
        return Example(image, torch.zeros((), dtype=torch.int64), str(number))


def a_backbone(norm):
    """One that has seen some images, so that its batch norms know them."""
    torch.manual_seed(0)
    backbone = build_backbone("segresnet", init_filters=8, blocks=(1, 1, 2), norm=norm)
    for number in range(20):
        backbone(Images()[number].image[None])
    return backbone.eval()


@pytest.mark.parametrize("norm", ["instance", "batch"])
@torch.no_grad()
def test_scaled_levels_are_the_same_but_for_their_scale(norm):
    backbone, image = a_backbone(norm), Images()[99].image[None]
    before = backbone(image)
    backbone.scale_levels(FACTORS)
    for level, scaled, factor in zip(before, backbone(image), FACTORS, strict=True):
        assert torch.allclose(scaled / factor, level, rtol=0.0, atol=ROUNDING * float(level.std()))


@torch.no_grad()
def test_levels_whose_scales_have_drifted_apart_are_brought_back():
    backbone, image = a_backbone("instance"), Images()[0].image[None]
    fresh = [float(level.std()) for level in backbone(image)]
    backbone.scale_levels((0.5, 2.0, 25.0))
    factors = even_levels(backbone, Images())
    assert factors == pytest.approx((2.0, 0.5, 0.04), rel=0.2)
    assert [float(level.std()) for level in backbone(image)] == pytest.approx(fresh, rel=0.2)


@torch.no_grad()
def test_a_level_that_is_constant_stays_finite_and_the_others_are_scaled():
    backbone = a_backbone("instance")
    for block in (backbone.levels[1][0].conv, backbone.levels[1][1].conv2.conv):
        block.weight.zero_()
    backbone.scale_levels((0.5, 1.0, 1.0))
    factors = even_levels(backbone, Images())
    assert factors[0] == pytest.approx(2.0, rel=0.2)
    assert factors[1] == 1.0
    assert all(tensor.isfinite().all() for tensor in backbone.state_dict().values())


def test_finding_the_scales_changes_no_random_number_and_no_mode():
    backbone = a_backbone("batch").train()
    statistics = backbone.levels[2][1].norm1.num_batches_tracked.clone()
    torch.manual_seed(3)
    expected = torch.rand(())
    torch.manual_seed(3)
    even_levels(backbone, Images())
    assert torch.equal(torch.rand(()), expected)
    assert backbone.training
    assert torch.equal(backbone.levels[2][1].norm1.num_batches_tracked, statistics)


def test_other_encoders_stay_as_they_are():
    backbone = build_backbone("resnet", depth=10)
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    assert even_levels(backbone, Images()) == (1.0,) * len(backbone.strides)
    assert all(torch.equal(tensor, before[name]) for name, tensor in backbone.state_dict().items())
