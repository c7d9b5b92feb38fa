"""Convolutions with oneDNN are nn.Conv3d with the same weights, results and gradients."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn

from Med3DInsightLib.bundles import Architecture, HeadKind
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.networks.onednn_convolution import OneDnnConv3d, use_onednn_convolutions

_CONVOLUTIONS = {
    "one kernel of 3": {"kernel_size": 3, "padding": 1},
    "steps of 2": {"kernel_size": 3, "stride": 2, "padding": 1, "bias": False},
    "spread kernel": {"kernel_size": 3, "dilation": 2},
    "groups": {"kernel_size": 3, "groups": 2, "padding": (0, 1, 2)},
    "flat kernel": {"kernel_size": (1, 3, 3)},
    "no kernel": {"kernel_size": 1},
    "padding by name": {"kernel_size": 3, "padding": "same"},
    "reflecting border": {"kernel_size": 3, "padding": 1, "padding_mode": "reflect"},
}


@pytest.fixture(params=sorted(_CONVOLUTIONS))
def a_plain_convolution(request):
    torch.manual_seed(0)
    return nn.Conv3d(4, 6, **_CONVOLUTIONS[request.param])


@pytest.mark.parametrize("windows", [1, 3])
def test_results_and_gradients_are_those_of_the_plain_convolution(a_plain_convolution, windows):
    twin = OneDnnConv3d.of(copy.deepcopy(a_plain_convolution))
    outcomes = []
    for convolution in (a_plain_convolution, twin):
        x = torch.linspace(-1.0, 1.0, windows * 4 * 8 * 9 * 10).reshape(windows, 4, 8, 9, 10).requires_grad_()
        y = convolution(x)
        y.square().sum().backward()
        outcomes.append((y, x.grad, *(weight.grad for weight in convolution.parameters())))
    for ours, plain in zip(outcomes[1], outcomes[0], strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-4)


def test_channels_last_and_lower_precision_are_left_to_pytorch():
    convolution = OneDnnConv3d.of(nn.Conv3d(4, 6, 3))
    x = torch.rand(2, 4, 8, 8, 8)
    last = convolution(x.contiguous(memory_format=torch.channels_last_3d))
    torch.testing.assert_close(last, convolution(x), rtol=1e-4, atol=1e-4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert convolution(x).dtype == torch.bfloat16


@pytest.mark.parametrize("shape_kji", [(2, 2, 2), (2, 3, 2), (2, 2, 4), (1, 4, 4), (4, 4, 1)])
def test_gradients_of_small_features_are_right_in_bfloat16_whatever_was_in_memory(shape_kji):
    torch.manual_seed(0)
    for channels in (16, 64):
        convolution = OneDnnConv3d.of(nn.Conv3d(channels, channels, 3, padding=1))
        gradients = []
        for is_lower in (False, True):
            waste = [torch.full((size,), 1e30) for size in (1_000, 10_000, 100_000, 1_000_000)]
            del waste
            x = torch.linspace(-1.0, 1.0, 2 * channels * math.prod(shape_kji)).reshape(2, channels, *shape_kji)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_lower):
                y = convolution(x)
            (found,) = torch.autograd.grad(y.float().square().sum(), convolution.weight)
            gradients.append(found)
        torch.testing.assert_close(gradients[1], gradients[0], rtol=0.05, atol=0.05 * float(gradients[0].abs().max()))


def test_a_network_is_built_of_them_and_its_weights_keep_their_names():
    arguments = {"in_channels": 1, "init_filters": 8, "blocks": [1, 1]}
    network = build_network(Architecture("segresnet", arguments, HeadKind.SEGMENTATION, 3))
    kinds = {type(module) for module in network.modules() if isinstance(module, nn.Conv3d)}
    assert kinds == {OneDnnConv3d}
    plain = nn.Sequential(nn.Conv3d(1, 2, 3), nn.Sequential(nn.Conv3d(2, 2, 3)))
    names = list(plain.state_dict())
    weight = plain[1][0].weight
    use_onednn_convolutions(plain)
    assert list(plain.state_dict()) == names
    assert plain[1][0].weight is weight
