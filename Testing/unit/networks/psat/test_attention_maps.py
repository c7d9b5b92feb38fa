"""Attention on request: of every layer and head, and through all layers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from Med3DInsightLib.networks.psat.attention_maps import attention_rollout

from .parts import FEATURES_KJI, GRIDS, one_of_each_plane


@pytest.fixture
@torch.inference_mode()
def maps_and_memory(build, features, small_settings):
    psat = build(replace(small_settings, levels=2))
    memory = psat.remember(features, GRIDS)
    return psat.attention(memory, one_of_each_plane()), memory


def test_every_layer_head_and_query_has_weights_that_sum_to_1(maps_and_memory):
    maps, _ = maps_and_memory
    tokens = 4 * 6 * 8 + 2 * 3 * 4
    assert maps.on_tokens.shape == (3, 2, 3, 2, 5, tokens)
    assert maps.among_queries.shape == (3, 2, 3, 2, 5, 5)
    for weights in (maps.on_tokens, maps.among_queries):
        assert weights.min() >= 0
        assert torch.allclose(weights.sum(-1), torch.ones(weights.shape[:-1]), atol=1e-5)


@torch.inference_mode()
def test_the_weights_of_a_slice_are_its_own(build, features, small_settings):
    psat = build(small_settings)
    memory = psat.remember(features, GRIDS)
    places = one_of_each_plane()
    together = psat.attention(memory, places)
    alone = psat.attention(memory, [[row[1]] for row in places])
    assert torch.allclose(together.on_tokens[:, :, 1:2], alone.on_tokens, atol=1e-6)
    assert (together.on_tokens[:, :, 0] - together.on_tokens[:, :, 1]).abs().max() > 1e-3


@torch.inference_mode()
def test_the_weights_are_those_that_made_the_embedding(build, features, small_settings):
    """The layers of a reading, run again with the weights put in by hand."""
    psat = build(replace(small_settings, layers=1))
    memory = psat.remember(features, GRIDS)
    places = one_of_each_plane()
    weights = psat.attention(memory, places).on_tokens[0]
    layer = psat.decoder.layers[0]
    values = layer.cross_attention.keys_values(memory.tokens).values
    seen = []
    layer.cross_attention.to_output.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    psat.read(memory, places)
    by_hand = torch.einsum("bshn,bhnd->bshd", weights[:, :, :, 0], values).flatten(2)
    assert torch.allclose(seen[0], by_hand, atol=1e-5)


def test_rollout_gives_every_query_a_share_of_every_token(maps_and_memory):
    maps, memory = maps_and_memory
    rollout = maps.rollout()
    assert rollout.shape == (2, 3, 5, memory.tokens.shape[1])
    assert torch.allclose(rollout.sum(-1), torch.ones(2, 3, 5), atol=1e-5)
    assert [level.shape for level in memory.as_maps(rollout)] == [(2, 3, 5, *shape) for shape in FEATURES_KJI[1:]]


def test_rollout_follows_what_one_query_took_from_another():
    """Two queries, two tokens: in layer 1 each looks at its own token, in layer 2 query 0 asks query 1."""
    own, other = torch.eye(2), torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    nowhere_new = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    among = torch.stack([own, other]).reshape(2, 1, 1, 1, 2, 2)
    looking = torch.stack([own, nowhere_new]).reshape(2, 1, 1, 1, 2, 2)
    # After layer 1 each query is half its own token. In layer 2 query 0 mixes to (1/4, 1/4), and half of
    # it is taken anew from token 0: (5/8, 1/8); the remaining 1/4 is the queries at the start.
    expected = torch.tensor([[5 / 6, 1 / 6], [0.0, 1.0]])
    assert torch.allclose(attention_rollout(among, looking)[0, 0], expected)


def test_heads_count_equally_in_rollout():
    """Two heads that look at different tokens are one that looks at both, half and half."""
    torch.manual_seed(0)
    among, looking = torch.rand(3, 1, 1, 2, 4, 4).softmax(-1), torch.rand(3, 1, 1, 2, 4, 6).softmax(-1)
    averaged = attention_rollout(among.mean(3, keepdim=True), looking.mean(3, keepdim=True))
    assert torch.allclose(attention_rollout(among, looking), averaged, atol=1e-6)
    one_head = attention_rollout(among[:, :, :, :1], looking[:, :, :, :1])
    assert not torch.allclose(averaged, one_head, atol=1e-3)


def test_rollout_of_even_weights_is_even():
    among, looking = torch.full((4, 1, 1, 2, 3, 3), 1 / 3), torch.full((4, 1, 1, 2, 3, 10), 0.1)
    assert torch.allclose(attention_rollout(among, looking), torch.full((1, 1, 3, 10), 0.1))
