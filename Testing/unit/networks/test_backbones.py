"""Every backbone keeps the one interface, and knows where its tokens are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from Med3DInsightLib.networks.backbones.registry import BACKBONES, build_backbone
from Med3DInsightLib.networks.segmentation import SegmentationNetwork
from Med3DInsightLib.networks.tokens import TokenGrid
from Med3DInsightLib.volumes import Grid

_SMALL = {
    "nnformer": {"width": 12, "depths": (2, 1, 2, 1), "heads": (1, 2, 2, 4)},
    "resnet": {"depth": 10},
    "segresnet": {"init_filters": 8, "blocks": (1, 1, 1)},
    "swin_unetr": {"feature_size": 12},
    "unetr": {"window_kji": (32, 64, 32), "feature_size": 4, "hidden_size": 24, "mlp_size": 32, "heads": 2},
}
_SHAPE = (32, 64, 32)


@pytest.fixture(params=sorted(BACKBONES))
def a_backbone(request):
    torch.manual_seed(0)
    return build_backbone(request.param, **_SMALL[request.param]).eval()


@torch.inference_mode()
def test_features_have_the_channels_and_strides_they_announce(a_backbone):
    features = a_backbone(torch.randn(2, 1, *_SHAPE))
    expected = [
        (2, channels, *(size // stride for size in _SHAPE))
        for channels, stride in zip(a_backbone.channels, a_backbone.strides, strict=True)
    ]
    assert [tuple(level.shape) for level in features] == expected
    assert list(a_backbone.strides) == sorted(a_backbone.strides)


@torch.inference_mode()
def test_any_backbone_carries_the_segmentation_decoder(a_backbone):
    network = SegmentationNetwork(a_backbone, classes=5).eval()
    assert network(torch.randn(1, 1, *_SHAPE)).shape == (1, 5, *_SHAPE)


def test_gradients_reach_every_weight_of_encoder_and_decoder(a_backbone):
    network = SegmentationNetwork(a_backbone, classes=2).train()
    network(torch.randn(2, 1, *_SHAPE)).square().mean().backward()
    unreached = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert unreached == []


@torch.inference_mode()
def test_tokens_stand_at_the_centres_of_their_blocks(a_backbone):
    affine = np.diag([2.0, -1.0, 3.0, 1.0])
    affine[:3, 3] = [5.0, 6.0, 7.0]
    grid = Grid(_SHAPE, affine)
    x = torch.randn(1, 1, *_SHAPE)
    tokens = a_backbone.tokens(x, grid)
    stride = a_backbone.strides[-1]
    assert tokens.shape_kji == tuple(size // stride for size in _SHAPE)
    assert torch.equal(tokens.as_map(), a_backbone(x)[-1])
    middle = (stride - 1) / 2
    assert np.allclose(tokens.positions_ras_mm[0], grid.ras_of([middle] * 3), atol=1e-4)
    assert np.allclose(tokens.positions_ras_mm[-1], grid.ras_of(np.array(_SHAPE[::-1]) - 1 - middle), atol=1e-4)
    mean = tokens.positions_ras_mm.double().mean(0)
    assert np.allclose(mean, grid.ras_of((np.array(_SHAPE[::-1]) - 1) / 2), atol=1e-3)


def test_features_that_do_not_cover_the_grid_are_refused():
    with pytest.raises(ValueError, match="do not cover"):
        TokenGrid.of_features(torch.zeros(1, 3, 2, 2, 2), 8, Grid((16, 16, 17), np.eye(4)))


def test_a_backbone_with_a_fixed_window_says_so():
    assert build_backbone("unetr", **_SMALL["unetr"]).window_kji == (32, 64, 32)
    assert build_backbone("segresnet").window_kji is None


def test_wrong_names_and_arguments_are_refused_with_the_choices():
    with pytest.raises(ValueError, match="choose from nnformer, resnet, segresnet, swin_unetr, unetr"):
        build_backbone("nnformer3000")
    with pytest.raises(ValueError, match="cannot be built"):
        build_backbone("segresnet", colour="blue")
    with pytest.raises(ValueError, match="17 layers"):
        build_backbone("resnet", depth=17)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nnformer", {"heads": [0, 6, 12, 24]}),
        ("nnformer", {"width": -96}),
        ("nnformer", {"width": "96"}),
        ("segresnet", {"blocks": []}),
        ("segresnet", {"init_filters": 0}),
        ("unetr", {"window_kji": [96]}),
    ],
)
def test_sizes_that_nothing_can_be_built_of_are_refused_in_one_line(name, arguments):
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        build_backbone(name, **arguments)
