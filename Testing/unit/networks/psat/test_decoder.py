"""The decoder against PyTorch's own, which conditions a copy of the tokens for every slice."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from Med3DInsightLib.bundles import PsatSettings, ReadOutKind
from Med3DInsightLib.networks.psat.decoder_layer import DecoderLayer
from Med3DInsightLib.networks.psat.slice_batch import SliceBatch

from .parts import CHANNELS, GRIDS, one_of_each_plane
from .test_attention import as_pytorch

SMALL_FAITHFUL = replace(
    PsatSettings.faithful(), layers=3, heads=4, width=CHANNELS[-1], feed_forward=8, queries=6, embedding=5
)


def as_pytorch_layer(layer: DecoderLayer) -> nn.TransformerDecoderLayer:
    """PyTorch's post-norm decoder layer with the same weights."""
    first, second = layer.feed_forward[0], layer.feed_forward[3]
    other = nn.TransformerDecoderLayer(
        first.in_features, layer.self_attention.heads, first.out_features, dropout=0.0, batch_first=True
    )
    other.self_attn = as_pytorch(layer.self_attention)
    other.multihead_attn = as_pytorch(layer.cross_attention)
    other.linear1, other.linear2 = first, second
    other.norm1, other.norm2, other.norm3 = layer.norms
    return other.eval()


def embeddings_of_pytorch(psat, features, places):
    """What the published model computes: plane and slice added to copies of all tokens and all queries."""
    layers = [as_pytorch_layer(layer) for layer in psat.decoder.layers]
    tokens = features[-1].flatten(2).transpose(1, 2)
    condition = psat.conditioning(SliceBatch.of(places, GRIDS))
    embeddings = []
    for volume in range(len(places)):
        of_volume = []
        for vector in condition[volume]:
            queries, memory = psat.queries.vectors[None] + vector, tokens[volume : volume + 1] + vector
            for layer in layers:
                queries = layer(queries, memory)
            queries = psat.decoder.norm(queries)
            of_volume.append(psat.read_out.projection(queries[0, 0]))
        embeddings.append(torch.stack(of_volume))
    return torch.stack(embeddings)


@torch.inference_mode()
@pytest.mark.parametrize("batched", [True, False])
def test_the_faithful_model_is_pytorchs_decoder_with_conditioned_copies_of_the_tokens(build, features, batched):
    psat = build(SMALL_FAITHFUL).double()
    features = [level.double() for level in features]
    places = one_of_each_plane()
    memory = psat.remember(features, GRIDS)
    if batched:
        embeddings = psat.read(memory, places)
    else:
        columns = [psat.read(memory, [[row[s]] for row in places]) for s in range(3)]
        embeddings = torch.cat(columns, dim=1)
    assert torch.allclose(embeddings, embeddings_of_pytorch(psat, features, places), atol=1e-6)


def test_training_gradients_are_those_of_pytorchs_decoder(build, features):
    psat = build(SMALL_FAITHFUL).double()
    features = [level.double() for level in features]
    places = one_of_each_plane()
    ours = torch.autograd.grad(psat(features, GRIDS, places).square().sum(), psat.conditioning.table)[0]
    theirs = torch.autograd.grad(embeddings_of_pytorch(psat, features, places).square().sum(), psat.conditioning.table)[
        0
    ]
    assert ours.abs().max() > 0
    assert torch.allclose(ours, theirs, atol=1e-6)


@torch.inference_mode()
def test_the_first_rows_of_a_layer_are_the_first_rows_of_all(build, features):
    layer = DecoderLayer(width=24, heads=2, feed_forward=16, dropout=0.0).eval()
    queries, condition, tokens = torch.randn(2, 3, 5, 24), torch.randn(2, 3, 24), torch.randn(2, 9, 24)
    source = layer.keys_values(tokens)
    every, _ = layer(queries, source, condition)
    first, _ = layer(queries, source, condition, rows=2)
    assert torch.allclose(first, every[:, :, :2], atol=1e-6)


@torch.inference_mode()
def test_the_mean_of_queries_reads_all_of_them(build, features, small_settings):
    psat = build(replace(small_settings, read_out=ReadOutKind.MEAN))
    first = build(small_settings)
    assert psat.read_out.rows == small_settings.queries
    places = one_of_each_plane()
    condition = psat.conditioning(SliceBatch.of(places, GRIDS))
    memory = psat.remember(features, GRIDS)
    queries = psat.decoder(psat.queries(condition), psat.decoder.keys_values(memory.tokens), rows=5)
    assert torch.allclose(psat.read(memory, places), psat.read_out.projection(queries.mean(2)), atol=1e-6)
    assert torch.allclose(first.read(memory, places), psat.read_out.projection(queries[:, :, 0]), atol=1e-6)
