"""Attention is PyTorch's attention, whichever way it is computed."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from Med3DInsightLib.networks.psat.attention import Attention


@pytest.fixture
def attention():
    torch.manual_seed(0)
    attention = Attention(width=24, heads=3).eval()
    for bias in (attention.to_query.bias, attention.to_key.bias, attention.to_value.bias, attention.to_output.bias):
        nn.init.normal_(bias)
    return attention


def as_pytorch(attention: Attention) -> nn.MultiheadAttention:
    """PyTorch's own module with the same weights, without dropout."""
    width = attention.to_query.in_features
    dtype = attention.to_query.weight.dtype
    other = nn.MultiheadAttention(width, attention.heads, batch_first=True, dtype=dtype)
    projections = (attention.to_query, attention.to_key, attention.to_value)
    other.load_state_dict(
        {
            "in_proj_weight": torch.cat([projection.weight for projection in projections]),
            "in_proj_bias": torch.cat([projection.bias for projection in projections]),
            "out_proj.weight": attention.to_output.weight,
            "out_proj.bias": attention.to_output.bias,
        }
    )
    return other.eval()


@torch.inference_mode()
def test_it_finds_what_pytorchs_attention_finds(attention):
    queries, tokens = torch.randn(2, 5, 24), torch.randn(2, 11, 24)
    expected, expected_weights = as_pytorch(attention)(queries, tokens, tokens, average_attn_weights=False)
    found, weights = attention(queries, attention.keys_values(tokens), weights=True)
    assert torch.allclose(found, expected, atol=1e-6)
    assert torch.allclose(weights, expected_weights, atol=1e-6)


@torch.inference_mode()
def test_asking_for_weights_does_not_change_what_is_found(attention):
    queries, source = torch.randn(2, 5, 24), attention.keys_values(torch.randn(2, 11, 24))
    found, nothing = attention(queries, source)
    again, weights = attention(queries, source, weights=True)
    assert nothing is None
    assert torch.allclose(found, again, atol=1e-6)
    assert weights.shape == (2, 3, 5, 11)
    assert torch.allclose(weights.sum(-1), torch.ones(2, 3, 5))


@torch.inference_mode()
def test_a_vector_added_to_all_tokens_adds_a_constant_and_leaves_the_weights(attention):
    attention.double()
    queries, tokens, vector = (torch.randn(2, rows, 24, dtype=torch.float64) for rows in (5, 11, 1))
    plain, weights = attention(queries, attention.keys_values(tokens), weights=True)
    explicit, explicit_weights = attention(queries, attention.keys_values(tokens + 3 * vector), weights=True)
    assert torch.allclose(explicit_weights, weights, atol=1e-12)
    assert torch.allclose(explicit, plain + attention.of_constant(3 * vector), atol=1e-12)
    assert not torch.allclose(explicit, plain, atol=0.1)


def test_dropout_falls_on_weights_in_training_only():
    torch.manual_seed(0)
    attention = Attention(width=8, heads=2, dropout=0.5)
    queries, tokens = torch.randn(1, 200, 8), torch.randn(1, 6, 8)
    source = attention.keys_values(tokens)
    still = attention.eval()(queries, source)[0]
    for weights in (False, True):
        torch.manual_seed(1)
        dropped, shares = attention.train()(queries, source, weights)
        assert not torch.allclose(dropped, still, atol=0.01)
        assert torch.allclose(dropped.mean(1), still.mean(1), atol=0.1)
        if shares is not None:
            assert torch.allclose(shares.sum(-1), torch.ones(1, 2, 200))


def test_weights_start_as_those_of_pytorchs_attention():
    torch.manual_seed(0)
    ours, theirs = Attention(256, 4), nn.MultiheadAttention(256, 4)
    for number, projection in enumerate((ours.to_query, ours.to_key, ours.to_value)):
        part = theirs.in_proj_weight[256 * number : 256 * (number + 1)]
        assert projection.weight.std().item() == pytest.approx(part.std().item(), rel=0.02)
    assert ours.to_output.weight.std().item() == pytest.approx(theirs.out_proj.weight.std().item(), rel=0.02)
    assert not ours.to_query.bias.any()
    assert not ours.to_output.bias.any()
