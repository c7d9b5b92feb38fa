"""Training learns, and a run that was killed ends where an undisturbed one ends."""

from __future__ import annotations

import json

import pytest
import torch

from Med3DInsightLib.networks.factory import build_network
from med3dtrain.loops.losses import soft_dice_cross_entropy
from med3dtrain.loops.schedule import warmup_cosine
from med3dtrain.loops.segmentation import LoopConfig, SegmentationLoop


class BrightSpots:
    """Class 1 is where the image is bright, class 2 where it is very bright."""

    def draw(self, index):
        generator = torch.Generator().manual_seed(index)
        image = torch.rand(1, 1, 4, 4, 4, generator=generator)
        image = torch.nn.functional.interpolate(image, size=(16, 16, 16), mode="trilinear")[0, 0]
        classes = (image > 0.5).long() + (image > 0.7).long()
        return image, torch.nn.functional.one_hot(classes, 3).movedim(-1, 0).float()


class Killed(Exception):
    pass


@pytest.fixture
def a_network(a_card):
    torch.manual_seed(0)
    return build_network(a_card.architecture)


def weights_of(network):
    return torch.cat([parameter.detach().ravel() for parameter in network.parameters()])


def test_the_layer_of_the_scores_learns_faster_if_told_so(a_network, tmp_path):
    before = {name: each.detach().clone() for name, each in a_network.named_parameters()}
    config = LoopConfig(steps=2, learning_rate=1e-4, warmup_steps=1, mixed_precision=False, head_rate=10.0)
    SegmentationLoop(a_network, BrightSpots(), config, tmp_path).run()
    moved = {name: float((each.detach() - before[name]).abs().max()) for name, each in a_network.named_parameters()}
    head = max(change for name, change in moved.items() if name.startswith("decoder.head."))
    assert head > 5 * max(change for name, change in moved.items() if not name.startswith("decoder.head."))


def test_a_network_learns_bright_spots(a_network, tmp_path):
    config = LoopConfig(steps=60, learning_rate=1e-2, warmup_steps=5, average_decay=0.9, mixed_precision=False)
    SegmentationLoop(a_network, BrightSpots(), config, tmp_path).run()
    losses = [json.loads(line)["loss"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert len(losses) == 60
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])


def test_a_killed_run_continues_to_the_same_weights(a_card, tmp_path):
    config = LoopConfig(steps=8, checkpoint_seconds=0.0, mixed_precision=False)

    def network():
        torch.manual_seed(0)
        return build_network(a_card.architecture)

    def kill_at_step_five(step, loss):
        if step == 5:
            raise Killed

    undisturbed = SegmentationLoop(network(), BrightSpots(), config, tmp_path / "whole").run()
    with pytest.raises(Killed):
        SegmentationLoop(network(), BrightSpots(), config, tmp_path / "killed", on_step=kill_at_step_five).run()
    continued = SegmentationLoop(network(), BrightSpots(), config, tmp_path / "killed").run()
    assert torch.equal(weights_of(undisturbed), weights_of(continued))


def test_a_finished_run_does_not_train_again(a_network, tmp_path):
    config = LoopConfig(steps=2, mixed_precision=False)
    first = weights_of(SegmentationLoop(a_network, BrightSpots(), config, tmp_path).run())
    calls = []
    again = SegmentationLoop(a_network, BrightSpots(), config, tmp_path, on_step=lambda *step: calls.append(step)).run()
    assert calls == []
    assert torch.equal(first, weights_of(again))


def test_the_loss_is_least_at_the_target_and_absent_classes_have_no_dice_term():
    _, fractions = BrightSpots().draw(0)
    perfect = 20.0 * fractions[None] - 10.0
    assert soft_dice_cross_entropy(perfect, fractions[None]) < 1e-3
    assert soft_dice_cross_entropy(-perfect, fractions[None]) > 1.0
    background = torch.zeros(1, 3, 4, 4, 4)
    background[:, 0] = 1.0
    assert soft_dice_cross_entropy(20.0 * background - 10.0, background) < 1e-3


def test_the_loss_is_least_at_the_fractions_of_partial_volumes():
    fractions = torch.tensor([0.5, 0.3, 0.2]).reshape(1, 3, 1, 1, 1).expand(1, 3, 8, 8, 8)
    at_target = soft_dice_cross_entropy(fractions.log(), fractions)
    for other in ([0.6, 0.3, 0.1], [0.4, 0.3, 0.3], [0.5, 0.2, 0.3]):
        elsewhere = torch.tensor(other).reshape(1, 3, 1, 1, 1).expand(1, 3, 8, 8, 8)
        assert soft_dice_cross_entropy(elsewhere.log(), fractions) > at_target


def test_the_schedule_warms_up_and_ends_at_zero():
    factors = [warmup_cosine(step, 100, 10) for step in range(101)]
    assert factors[9] == pytest.approx(1.0)
    assert factors[:10] == sorted(factors[:10])
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert factors[100] == pytest.approx(0.0)
