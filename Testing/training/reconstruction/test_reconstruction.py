"""What is hidden stays hidden, and only what is hidden counts."""

from __future__ import annotations

import pytest
import torch

from Med3DInsightLib.networks.backbones.registry import build_backbone
from med3dtrain.reconstruction.concealment import Concealment
from med3dtrain.reconstruction.decoder import ReconstructionDecoder
from med3dtrain.reconstruction.losses import hidden_squared_error, squared_error
from med3dtrain.reconstruction.reconstruction import Reconstruction
from med3dtrain.reconstruction.settings import Filling, ReconstructionForm, ReconstructionSettings

BACKBONES = {
    "segresnet": {"init_filters": 8, "blocks": [1, 1, 1]},
    "resnet": {"depth": 10},
    "nnformer": {"width": 12, "depths": [1, 1, 1, 1], "heads": [1, 2, 2, 2]},
    "swin_unetr": {"feature_size": 12, "depths": [1, 1, 1, 1]},
    "unetr": {"window_kji": [64, 64, 64], "feature_size": 4, "hidden_size": 24, "mlp_size": 24, "heads": 2},
}
SMALL = ReconstructionSettings(cube=8)


def a_backbone(name):
    torch.manual_seed(0)
    return build_backbone(name, **BACKBONES[name]).eval()


def volumes_of(batch=2, size=64):
    return torch.randn(batch, 1, size, size, size, generator=torch.Generator().manual_seed(1))


def restored(task, backbone, volumes):
    seen = task.hide(volumes, range(len(volumes)))
    return task.decoder(backbone(seen.volumes)), seen.hidden


@torch.no_grad()
@pytest.mark.parametrize("name", BACKBONES)
def test_a_reconstruction_has_the_shape_of_the_volume(name):
    backbone = a_backbone(name)
    decoder = ReconstructionDecoder(backbone.channels, backbone.strides)
    assert decoder(backbone(volumes_of(1))).shape == (1, 1, 64, 64, 64)


@torch.no_grad()
@pytest.mark.parametrize(
    ("name", "filling"), [("segresnet", Filling.MEAN), *((name, Filling.LEARNED) for name in BACKBONES)]
)
def test_hidden_voxels_change_nothing_not_even_if_they_are_not_numbers(name, filling):
    backbone, volumes = a_backbone(name), volumes_of(1)
    task = Reconstruction(ReconstructionSettings(cube=8, filling=filling), backbone.channels, backbone.strides).eval()
    first, hidden = restored(task, backbone, volumes)
    for other in (volumes + 5.0, torch.full_like(volumes, float("nan"))):
        again, _ = restored(task, backbone, torch.where(hidden, other, volumes))
        assert torch.equal(again, first)
    visible, _ = restored(task, backbone, torch.where(hidden, volumes, volumes + 5.0))
    assert not torch.allclose(visible, first)


@torch.no_grad()
def test_the_unmasked_form_sees_and_counts_everything():
    backbone, volumes = a_backbone("segresnet"), volumes_of(size=16)
    settings = ReconstructionSettings(form=ReconstructionForm.UNMASKED)
    task = Reconstruction(settings, backbone.channels, backbone.strides).eval()
    seen = task.hide(volumes, [0, 1])
    assert seen.volumes is volumes
    assert seen.hidden is None
    features = backbone(volumes)
    by_hand = ((task.decoder(features) - volumes) ** 2).sum() / volumes.numel()
    assert torch.allclose(task.loss(features, volumes, None), by_hand)


@torch.no_grad()
def test_the_masked_form_counts_hidden_voxels_alone():
    backbone, volumes = a_backbone("segresnet"), volumes_of(size=16)
    task = Reconstruction(SMALL, backbone.channels, backbone.strides).eval()
    seen = task.hide(volumes, [0, 1])
    features = backbone(seen.volumes)
    by_hand = (task.decoder(features) - volumes)[seen.hidden].square().mean()
    assert torch.allclose(task.loss(features, volumes, seen.hidden), by_hand)


def test_only_hidden_voxels_count():
    volumes = volumes_of(size=8)
    hidden = torch.zeros(2, 1, 8, 8, 8, dtype=torch.bool)
    hidden[0, 0, :2], hidden[1, 0, 3] = True, True
    guess = volumes.clone()
    guess[0, 0, 0, 0, 0] += 4.0
    guess[~hidden] += 100.0
    guess.requires_grad_()
    loss = hidden_squared_error(guess, volumes, hidden)
    loss.backward()
    assert loss.item() == pytest.approx(16.0 / (128 + 64), rel=1e-5)
    assert guess.grad[~hidden].abs().max() == 0.0
    assert guess.grad[0, 0, 0, 0, 0] > 0.0


def test_losses_are_computed_in_float32_under_autocast():
    volumes, hidden = volumes_of(size=8), torch.ones(2, 1, 8, 8, 8, dtype=torch.bool)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        guess = volumes.bfloat16()
        assert hidden_squared_error(guess, volumes, hidden).dtype == torch.float32
        assert squared_error(guess, volumes).dtype == torch.float32


def test_the_mean_is_that_of_the_visible_voxels_of_each_sample():
    volumes = volumes_of(size=4)
    hidden = torch.zeros(2, 1, 4, 4, 4, dtype=torch.bool)
    hidden[:, :, 1:3] = True
    seen = Concealment(Filling.MEAN, 1)(volumes, hidden)
    for number in range(2):
        assert torch.allclose(seen[number][hidden[number]], volumes[number][~hidden[number]].mean())
    assert torch.equal(seen[~hidden], volumes[~hidden])


def test_the_learnt_value_learns():
    backbone, volumes = a_backbone("segresnet"), volumes_of(size=16)
    task = Reconstruction(SMALL, backbone.channels, backbone.strides)
    seen = task.hide(volumes, [0, 1])
    task.loss(backbone(seen.volumes), volumes, seen.hidden).backward()
    assert task.conceal.learned.grad.abs().max() > 0.0
    assert all(parameter.grad is not None for parameter in task.parameters())


@torch.no_grad()
@pytest.mark.parametrize("stride", [1, 2, 4])
def test_every_voxel_of_a_coarse_feature_has_a_channel_of_its_own(stride):
    decoder = ReconstructionDecoder((6, 12), (stride, 2 * stride))
    head = decoder.climb.head[-1]
    head.weight.zero_()
    head.bias.copy_(torch.arange(stride**3))
    out = decoder([torch.randn(1, 6, 4, 4, 4), torch.randn(1, 12, 2, 2, 2)])[0, 0]
    expected = torch.arange(float(stride**3)).reshape(stride, stride, stride).repeat(4, 4, 4)
    assert torch.equal(out, expected)


def test_hidden_cubes_of_smooth_volumes_are_learnt_from_what_is_around_them():
    torch.manual_seed(0)
    backbone = build_backbone("segresnet", init_filters=8, blocks=[1, 1, 1])
    task = Reconstruction(ReconstructionSettings(cube=4), backbone.channels, backbone.strides)
    optimizer = torch.optim.Adam([*backbone.parameters(), *task.parameters()], lr=5e-3)
    axis = torch.linspace(-1.0, 1.0, 16)

    def draw(step):
        slopes = torch.randn(2, 3, generator=torch.Generator().manual_seed(step))
        parts = [slopes[:, n, None] * axis for n in range(3)]
        return (parts[0][:, :, None, None] + parts[1][:, None, :, None] + parts[2][:, None, None, :])[:, None]

    losses = []
    for step in range(60):
        volumes = draw(step)
        seen = task.hide(volumes, [2 * step, 2 * step + 1])
        loss = task.loss(backbone(seen.volumes), volumes, seen.hidden)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    variance = sum(draw(step).var().item() for step in range(45, 60)) / 15
    assert sum(losses[45:]) / 15 < 0.3 * variance
