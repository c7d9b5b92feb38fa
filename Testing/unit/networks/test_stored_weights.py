"""Weights that are stored with 8 bits are almost those that were learnt, or the file is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from Med3DInsightLib.bundles import Bundle, BundleError
from Med3DInsightLib.bundles.bundle import sha256_of, write_card
from Med3DInsightLib.networks.factory import build_network, load_network, save_network
from Med3DInsightLib.networks.stored_weights import restored, stored, stored_dtype


@given(
    seed=st.integers(0, 2**16),
    strength=st.floats(1e-20, 1e20),
    channels=st.integers(1, 40),
    kernel=st.sampled_from([(64,), (8, 3, 3, 3), (40, 1, 1, 1)]),
)
def test_no_weight_changes_by_more_than_half_a_step_of_its_channel(seed, strength, channels, kernel):
    torch.manual_seed(seed)
    weights = strength * torch.randn(channels, *kernel) * torch.rand(channels, *[1] * len(kernel))
    kept = restored(stored({"weight": weights}, torch.int8))["weight"]
    largest = weights.abs().flatten(1).amax(1)
    furthest = (kept - weights).abs().flatten(1).amax(1)
    assert (furthest <= largest / 254 * 1.001).all()
    turned = restored(stored({"weight": -weights}, torch.int8))["weight"]
    assert torch.equal(turned, -kept)


def test_kernels_take_a_byte_a_weight_and_what_is_small_stays_exact():
    entries = {"kernel": torch.randn(16, 16, 3, 3, 3), "bias": torch.randn(2000), "few": torch.randn(8, 8)}
    kept = stored(entries, torch.int8)
    assert kept["kernel"].dtype == torch.int8
    assert set(kept) == {"kernel", "kernel.scale", "bias", "few"}
    back = restored(kept)
    assert list(back) == list(entries)
    assert torch.equal(back["bias"], entries["bias"])
    assert torch.equal(back["few"], entries["few"])


@pytest.mark.parametrize("channel", [torch.zeros(64), torch.full((64,), 1e-44)])
def test_a_channel_that_is_as_good_as_nothing_does_not_become_something(channel):
    weights = torch.cat([torch.randn(31, 64), channel[None]])
    kept = restored(stored({"weight": weights}, torch.int8))["weight"]
    assert kept.isfinite().all()
    assert kept[-1].abs().max() <= 1e-43


def test_what_is_not_finite_is_not_hidden():
    weights = torch.randn(32, 64)
    weights[3, 5] = torch.nan
    assert restored(stored({"weight": weights}, torch.int8))["weight"].isnan().any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int8])
def test_the_dtype_of_a_file_is_that_it_was_stored_as(dtype):
    assert stored_dtype(stored({"kernel": torch.randn(16, 16, 3, 3, 3), "bias": torch.randn(3)}, dtype)) == dtype


def test_a_network_stored_with_8_bits_computes_in_float32_almost_the_same(a_card, tmp_path):
    network = build_network(a_card.architecture).eval()
    bundle = save_network(network, a_card, tmp_path / "small", torch.int8)
    loaded = load_network(bundle)
    assert all(parameter.dtype == torch.float32 for parameter in loaded.parameters())
    x = torch.rand(1, 1, 16, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(loaded(x), network(x), atol=0.05, rtol=0.05)


def changed(bundle, change):
    """The bundle with other entries in its file, of which its card knows."""
    entries = load_file(bundle.weights_path)
    [name, *_] = [name for name, tensor in entries.items() if tensor.dtype == torch.int8]
    change(entries, name)
    save_file(entries, bundle.weights_path)
    write_card(bundle.folder, replace(bundle.card, weights_sha256=sha256_of(bundle.weights_path)))
    return Bundle.open(bundle.folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda entries, name: entries.update({f"{name}.scale": torch.ones(3)}), "scale' is torch.float32 .3,."),
        (lambda entries, name: entries.update({f"{name}.scale": entries[f"{name}.scale"].int()}), "torch.int32"),
        (lambda entries, name: entries.pop(f"{name}.scale"), "holds torch.int8, the architecture needs torch.float32"),
        (lambda entries, name: entries.pop(name), "lack entry"),
        (lambda entries, name: entries[f"{name}.scale"].fill_(torch.nan), "NaN"),
        (lambda entries, name: entries[f"{name}.scale"].fill_(3e38), "infinite"),
    ],
)
def test_a_scale_that_does_not_belong_to_the_weights_is_refused(a_card, tmp_path, change, told):
    bundle = save_network(build_network(a_card.architecture), a_card, tmp_path / "small", torch.int8)
    with pytest.raises(BundleError, match=told):
        load_network(changed(bundle, change))
