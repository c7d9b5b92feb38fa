"""nnFormer as the paper describes it, and windows that need not fit."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from Med3DInsightLib.networks.backbones.nnformer.block import TransformerBlock
from Med3DInsightLib.networks.backbones.nnformer.relative_position import RelativePositionBias
from Med3DInsightLib.networks.backbones.nnformer.window_attention import WindowAttention
from Med3DInsightLib.networks.backbones.nnformer.windows import WindowCut
from Med3DInsightLib.networks.backbones.registry import build_backbone

sizes = st.tuples(*[st.integers(1, 9)] * 3)
windows = st.tuples(*[st.integers(1, 5)] * 3)


def voxels_of(size_kji):
    return torch.cartesian_prod(*[torch.arange(size) for size in size_kji]).reshape(-1, 3)


def attention_voxel_by_voxel(attention: WindowAttention, x: torch.Tensor) -> torch.Tensor:
    """The definition: each voxel attends to the voxels of its window, found from their coordinates."""
    size = x.shape[1:4]
    voxels = voxels_of(size)
    wide = torch.tensor([min(pair) for pair in zip(size, attention.window_kji, strict=True)])
    shifts = wide // 2 * torch.tensor([attention.shifted and s > w for s, w in zip(size, wide, strict=True)])
    window_of = (voxels - shifts).div(wide, rounding_mode="floor")
    query, key, value = (
        attention.to_query_key_value(x[0].flatten(0, 2)).unflatten(-1, (3, attention.heads, -1)).unbind(1)
    )
    found = torch.empty_like(query)
    table = attention.bias.table.unflatten(1, [2 * side - 1 for side in attention.window_kji])
    for voxel in range(len(voxels)):
        members = (window_of == window_of[voxel]).all(1).nonzero().flatten()
        offsets = voxels[voxel] - voxels[members] + torch.tensor(attention.window_kji) - 1
        bias = table[:, offsets[:, 0], offsets[:, 1], offsets[:, 2]]
        scores = torch.einsum("hd,nhd->hn", query[voxel], key[members]) * query.shape[-1] ** -0.5 + bias
        found[voxel] = torch.einsum("hn,nhd->hd", scores.softmax(-1), value[members])
    return attention.to_output(found.flatten(1)).reshape(x.shape)


@torch.inference_mode()
@settings(max_examples=60)
@given(size=sizes, window=windows, shifted=st.booleans())
def test_every_voxel_attends_to_its_own_window_at_any_size(size, window, shifted):
    torch.manual_seed(0)
    attention = WindowAttention(width=8, heads=2, window_kji=window, shifted=shifted).double()
    attention.bias.table.normal_()
    x = torch.randn(1, *size, 8, dtype=torch.float64)
    assert torch.allclose(attention(x), attention_voxel_by_voxel(attention, x), atol=1e-9)


@torch.inference_mode()
def test_volumes_of_a_batch_do_not_see_each_other():
    torch.manual_seed(0)
    attention = WindowAttention(width=8, heads=2, window_kji=(4, 4, 4), shifted=True)
    x = torch.randn(3, 6, 5, 9, 8)
    assert torch.allclose(attention(x)[1:2], attention(x[1:2]), atol=1e-6)


@given(size=sizes, window=windows, shifted=st.booleans())
def test_windows_are_put_together_again_to_the_bit(size, window, shifted):
    x = torch.randn(2, *size, 3)
    cut = WindowCut.of(size, window, shifted)
    assert torch.equal(cut.undo(cut.apply(x)), x)


@torch.inference_mode()
def test_a_block_whose_window_covers_everything_is_pytorchs_pre_norm_layer():
    torch.manual_seed(0)
    block = TransformerBlock(width=8, heads=2, window_kji=(4, 4, 4), shifted=True).eval()
    block.attention.bias.table.zero_()
    layer = nn.TransformerEncoderLayer(8, 2, 32, activation="gelu", batch_first=True, norm_first=True).eval()
    layer.self_attn.in_proj_weight.copy_(block.attention.to_query_key_value.weight)
    layer.self_attn.in_proj_bias.copy_(block.attention.to_query_key_value.bias)
    layer.self_attn.out_proj.load_state_dict(block.attention.to_output.state_dict())
    layer.norm1, layer.norm2 = block.attention_norm, block.mlp_norm
    layer.linear1, layer.linear2 = block.mlp[0], block.mlp[2]
    x = torch.randn(2, 3, 4, 2, 8)
    assert torch.allclose(block(x).flatten(1, 3), layer(x.flatten(1, 3)), atol=1e-5)


def test_every_second_block_is_shifted():
    backbone = build_backbone("nnformer", width=8, depths=(3, 2, 1, 2), heads=(1, 1, 1, 1))
    shifted = [[block.attention.shifted for block in stage] for stage in backbone.stages]
    assert shifted == [[False, True, False], [False, True], [False], [False, True]]


def test_windows_that_fit_and_are_not_shifted_need_no_mask():
    assert WindowCut.of((8, 4, 12), (4, 4, 4), shifted=False).allowed(torch.device("cpu")) is None
    assert WindowCut.of((4, 4, 4), (8, 8, 8), shifted=True).allowed(torch.device("cpu")) is None
    assert WindowCut.of((8, 4, 12), (4, 4, 4), shifted=True).allowed(torch.device("cpu")) is not None


def test_the_bias_depends_on_the_offset_only_also_in_smaller_windows():
    bias = RelativePositionBias(heads=2, window_kji=(3, 4, 2))
    large, small = bias((3, 4, 2)), bias((2, 3, 1))
    assert torch.equal(large[:, 0, 0], large[:, 23, 23])
    far = voxels_of((3, 4, 2)).tolist()
    assert torch.equal(small[:, 0, 5], large[:, far.index([0, 0, 0]), far.index([1, 2, 0])])
    assert bias.table.shape == (2, 5 * 7 * 3)


def parameters_of_nnformer() -> int:
    """The encoder counted from the published sizes: width 96, depths 2/2/2/2, heads 3/6/12/24."""

    def convolution(inputs: int, outputs: int) -> int:
        return 27 * inputs * outputs + outputs

    count = convolution(1, 48) + convolution(48, 48) + convolution(48, 96) + convolution(96, 96)
    count += 2 * 48 + 2 * 48 + 2 * 96
    for level, (heads, window) in enumerate(zip((3, 6, 12, 24), (4, 4, 8, 4), strict=True)):
        c = 96 * 2**level
        attention = c * 3 * c + 3 * c + c * c + c + heads * (2 * window - 1) ** 3
        block = attention + c * 4 * c + 4 * c + 4 * c * c + c + 2 * 2 * c
        count += 2 * block + 2 * c
        if level < 3:
            count += 2 * c + convolution(c, 2 * c)
    return count


def test_the_default_ends_in_64_tokens_of_768_channels_for_a_crop_of_128_voxels():
    with torch.device("meta"):
        backbone = build_backbone("nnformer")
        features = backbone(torch.empty(1, 1, 128, 128, 128))
    assert [tuple(level.shape[1:]) for level in features] == [
        (96, 32, 32, 32),
        (192, 16, 16, 16),
        (384, 8, 8, 8),
        (768, 4, 4, 4),
    ]
    count = sum(parameter.numel() for parameter in backbone.parameters())
    print(f"nnFormer encoder: {count:,} parameters")
    assert count == parameters_of_nnformer()


@torch.inference_mode()
@pytest.mark.parametrize("shape", [(96, 32, 64), (160, 32, 32)])
def test_inputs_whose_windows_do_not_fit_are_read(shape):
    torch.manual_seed(0)
    backbone = build_backbone("nnformer", width=8, heads=(1, 1, 2, 2), depths=(2, 2, 2, 2), windows=(5, 3, 4, 2)).eval()
    features = backbone(torch.randn(1, 1, *shape))
    assert [tuple(level.shape[2:]) for level in features] == [tuple(s // n for s in shape) for n in (4, 8, 16, 32)]
    assert all(level.isfinite().all() for level in features)


@torch.inference_mode()
def test_last_stages_of_the_default_see_the_whole_crop():
    """A change in one corner reaches the opposite corner of the bottleneck."""
    torch.manual_seed(0)
    backbone = build_backbone("nnformer", width=8, heads=(1, 1, 2, 2)).eval()
    x = torch.randn(1, 1, 128, 64, 64)
    changed = x.clone()
    changed[..., :8, :8, :8] += 1.0
    difference = (backbone(changed)[-1] - backbone(x)[-1]).abs()
    assert difference[..., -1, -1, -1].max() > 1e-5


def test_stages_that_do_not_agree_are_refused():
    with pytest.raises(ValueError, match="one entry a stage"):
        build_backbone("nnformer", depths=(2, 2))
    with pytest.raises(ValueError, match="96 channels cannot be shared among 5 heads"):
        build_backbone("nnformer", heads=(5, 6, 12, 24))
