"""Batch norms learn what features are like only where and when the encoder learns."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from accelerate import Accelerator
from torch import nn

from Med3DInsightLib.networks.factory import build_network
from med3dtrain.from_label_maps.drawn_examples import SoftSegmentation
from med3dtrain.loops.batch_norms import untracked
from med3dtrain.loops.examples import LabelledBatch
from med3dtrain.loops.parameter_groups import parameter_groups
from med3dtrain.loops.settings import OptimisationSettings, PatientPaceSettings
from med3dtrain.loops.supervised import supervised_loop
from med3dtrain.runs.run_log import RunLog

_RESTS, _STEPS = 2, 3


@pytest.fixture
def a_resnet(a_card):
    torch.manual_seed(0)
    return build_network(replace(a_card.architecture, backbone="resnet", backbone_arguments={"depth": 10}))


def batches(first, last):
    for number in range(first, last):
        generator = torch.Generator().manual_seed(number)
        images = torch.rand(2, 1, 32, 32, 32, generator=generator)
        classes = (images[:, 0] > 0.3).long() + (images[:, 0] > 0.7).long()
        yield LabelledBatch(images, nn.functional.one_hot(classes, 3).movedim(-1, 1).float(), ("one", "two"))


def test_a_resting_encoder_keeps_its_running_statistics_until_it_learns(a_resnet, tmp_path):
    seen = []

    class Watched(RunLog):
        def write(self, step, figures):
            super().write(step, figures)
            seen.append({name: tensor.clone() for name, tensor in a_resnet.backbone.state_dict().items()})

    before = {name: tensor.clone() for name, tensor in a_resnet.backbone.state_dict().items()}
    loop = supervised_loop(
        SoftSegmentation(a_resnet),
        a_resnet,
        parameter_groups(a_resnet, a_resnet.backbone, 1e-4, frozen_steps=_RESTS),
        Accelerator(cpu=True),
        OptimisationSettings(steps=_STEPS, warmup_steps=0, mixed_precision=False),
        PatientPaceSettings(checkpoint_steps=100, measure_steps=100, tensorboard=False),
        tmp_path,
        0,
        {},
    )
    loop.run(batches, lambda network: {"score": 0.0}, Watched(tmp_path, 0))
    resting, learning = seen[_RESTS - 1], seen[_RESTS]
    assert all(torch.equal(tensor, resting[name]) for name, tensor in before.items())
    means = [name for name in before if name.endswith("running_mean")]
    assert means
    assert not any(torch.equal(before[name], learning[name]) for name in means)


def test_what_is_seen_untracked_is_normalised_as_in_training_and_forgotten():
    norm = nn.BatchNorm3d(4).train()
    x = torch.randn(2, 4, 3, 3, 3) + 5.0
    before = {name: tensor.clone() for name, tensor in norm.state_dict().items()}
    with untracked(nn.Sequential(norm)):
        seen = norm(x)
    assert all(torch.equal(tensor, before[name]) for name, tensor in norm.state_dict().items())
    assert torch.equal(norm(x), seen)
    assert not torch.equal(norm.running_mean, before["running_mean"])
