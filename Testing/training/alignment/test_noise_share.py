"""The share of wrong captions is read from losses, and the estimate is restored to the bit."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from med3dtrain.alignment.mixture import fit_two_gaussians
from med3dtrain.alignment.noise_share import NoiseShare, NoiseShareSettings


def losses_of(wrong, count=64, seed=0, upper=5.0):
    """Right pairs near 0, wrong ones about `upper`, as they are after an epoch or two."""
    generator = torch.Generator().manual_seed(seed)
    right = 0.1 * torch.randn(count, generator=generator).abs()
    high = upper + 2.0 * torch.randn(count, generator=generator)
    return torch.where(torch.rand(count, generator=generator) < wrong, high, right)


def observed(wrong, steps=80, **options):
    noise = NoiseShare(NoiseShareSettings(**options))
    for step in range(steps):
        noise.observe(losses_of(wrong, seed=step))
    return noise


@settings(max_examples=25)
@given(
    share=st.floats(0.15, 0.85),
    distance=st.floats(5.0, 20.0),
    spread=st.floats(0.5, 1.5),
    seed=st.integers(0, 10_000),
)
def test_a_mixture_is_found_again(share, distance, spread, seed):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(4000, generator=generator, dtype=torch.float64)
    upper = torch.rand(4000, generator=generator) < share
    values = torch.where(upper, distance + spread * values, values)
    mixture = fit_two_gaussians(values, least_deviation=0.1)
    assert float(mixture.shares[1]) == pytest.approx(share, abs=0.05)
    torch.testing.assert_close(mixture.means, torch.tensor([0.0, distance]).double(), atol=0.2, rtol=0)
    torch.testing.assert_close(mixture.deviations, torch.tensor([1.0, spread]).double(), atol=0.2, rtol=0)
    assert ((mixture.upper_membership(values) > 0.5) == upper).double().mean() > 0.95


@pytest.mark.parametrize("values", [torch.zeros(50), torch.tensor([1.0, 2.0]), torch.tensor([0.0] * 99 + [1e6])])
def test_degenerate_values_give_finite_mixtures(values):
    mixture = fit_two_gaussians(values, least_deviation=0.1)
    for tensor in (mixture.shares, mixture.means, mixture.deviations, mixture.upper_membership(values)):
        assert tensor.isfinite().all()
    assert mixture.means[0] <= mixture.means[1]


@pytest.mark.parametrize("wrong", [0.2, 0.4, 0.6])
def test_the_share_of_wrong_pairs_is_estimated(wrong):
    assert float(observed(wrong).share) == pytest.approx(wrong, abs=0.05)


def test_without_wrong_pairs_the_share_is_the_least():
    assert float(observed(0.0).share) == NoiseShareSettings().least


def test_an_upper_hump_of_pairs_that_keep_most_of_their_mass_is_not_called_wrong():
    noise = NoiseShare(NoiseShareSettings())
    for step in range(80):
        noise.observe(losses_of(0.3, seed=step, upper=0.0).abs() * 0.3)
    assert float(noise.share) == NoiseShareSettings().least


def test_the_share_keeps_its_first_value_during_the_warm_up():
    options = {"warm_up": 1024, "initial": 0.1}
    assert float(observed(0.5, steps=15, **options).share) == pytest.approx(0.1)
    assert float(observed(0.5, steps=16, **options).share) == pytest.approx(0.5, abs=0.05)


def test_the_share_is_bounded():
    assert float(observed(0.9).share) == NoiseShareSettings().most


def test_old_losses_are_forgotten():
    noise = observed(0.6)
    for step in range(200):
        noise.observe(losses_of(0.2, seed=1000 + step))
    assert float(noise.share) == pytest.approx(0.2, abs=0.05)


def test_losses_that_are_not_finite_are_left_out():
    noise = observed(0.4)
    for step in range(16):
        noise.observe(torch.cat([losses_of(0.4, seed=step), torch.tensor([math.nan, math.inf])]))
    assert float(noise.share) == pytest.approx(0.4, abs=0.05)
    assert noise.losses.isfinite().all()


def test_more_losses_than_the_window_holds_are_cut_to_the_latest():
    noise = NoiseShare(NoiseShareSettings(window=8, warm_up=4, refit_every=4))
    noise.observe(torch.arange(20.0))
    assert sorted(noise.losses.tolist()) == list(range(12, 20))


def test_a_restored_estimate_goes_on_to_the_bit():
    whole, first = observed(0.4, steps=60), observed(0.4, steps=33)
    restored = NoiseShare(NoiseShareSettings())
    restored.load_state_dict({name: tensor.clone() for name, tensor in first.state_dict().items()})
    for step in range(33, 60):
        restored.observe(losses_of(0.4, seed=step))
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, restored.state_dict()[name]), name
