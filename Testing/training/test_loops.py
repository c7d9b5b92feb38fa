"""Training learns, and a run that was killed ends where an undisturbed one ends."""

from __future__ import annotations

import json

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch.utils.data import Dataset

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import build_network
from med3dtrain.from_label_maps.drawn_examples import SoftSegmentation
from med3dtrain.loops.checkpoint import save_checkpoint
from med3dtrain.loops.examples import Example, LabelledBatch
from med3dtrain.loops.losses import soft_dice_cross_entropy
from med3dtrain.loops.numbered_batches import NumberedBatches
from med3dtrain.loops.parameter_groups import parameter_groups
from med3dtrain.loops.schedule import warmup_cosine
from med3dtrain.loops.settings import OptimisationSettings, PatientPaceSettings
from med3dtrain.loops.supervised import supervised_loop
from med3dtrain.loops.training_loop import CHECKPOINT
from med3dtrain.runs.run_log import RunLog


class BrightSpots(Dataset):
    """Class 1 is where the image is bright, class 2 where it is very bright."""

    def __getitem__(self, number):
        generator = torch.Generator().manual_seed(number)
        image = torch.rand(1, 1, 4, 4, 4, generator=generator)
        image = torch.nn.functional.interpolate(image, size=(16, 16, 16), mode="trilinear")[0]
        classes = (image[0] > 0.5).long() + (image[0] > 0.7).long()
        return Example(image, torch.nn.functional.one_hot(classes, 3).movedim(-1, 0).float(), str(number))


class Killed(Exception):
    pass


@pytest.fixture
def a_loop(a_card, tmp_path):
    """Makes a loop with the same network again and again, which writes a checkpoint after every step."""

    def make(folder="run", **optimisation):
        torch.manual_seed(0)
        network = build_network(a_card.architecture)
        (tmp_path / folder).mkdir(exist_ok=True)
        return supervised_loop(
            SoftSegmentation(network),
            network,
            parameter_groups(network, network.backbone, 1e-4),
            Accelerator(cpu=True),
            OptimisationSettings(**{"warmup_steps": 5, "mixed_precision": False, **optimisation}),
            PatientPaceSettings(checkpoint_steps=1, measure_steps=10**6, tensorboard=False),
            tmp_path / folder,
            0,
            {},
        )

    return make


def run(loop, folder, **more):
    batches = NumberedBatches(BrightSpots(), LabelledBatch.of, batch=1, workers=0, process=0, processes=1)
    return loop.run(batches, lambda network: {"score": 0.0}, RunLog(folder, loop.first_step), **more)


def weights_of(network):
    return torch.cat([parameter.detach().ravel() for parameter in network.parameters()])


def test_a_network_learns_bright_spots(a_loop, tmp_path):
    run(a_loop(steps=60, learning_rate=1e-2, average_decay=0.9), tmp_path / "run")
    losses = [json.loads(line)["loss"] for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert len(losses) == 60
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])


def test_a_killed_run_continues_to_the_same_weights(a_loop, tmp_path):
    undisturbed = run(a_loop("whole", steps=8), tmp_path / "whole")
    killed = a_loop("killed", steps=8)

    class KilledInStepFive(RunLog):
        def write(self, step, figures):
            super().write(step, figures)
            if step == 5:
                raise Killed

    batches = NumberedBatches(BrightSpots(), LabelledBatch.of, batch=1, workers=0, process=0, processes=1)
    with pytest.raises(Killed):
        killed.run(batches, lambda network: {"score": 0.0}, KilledInStepFive(tmp_path / "killed", 0))
    again = a_loop("killed", steps=8)
    assert again.first_step == 5
    assert torch.equal(weights_of(undisturbed), weights_of(run(again, tmp_path / "killed")))
    steps = [json.loads(line)["step"] for line in (tmp_path / "killed" / "log.jsonl").read_text().splitlines()]
    assert steps == list(range(8))


def test_a_run_that_may_take_no_time_takes_one_step_at_a_time_to_the_same_weights(a_loop, tmp_path):
    undisturbed = run(a_loop("whole", steps=3), tmp_path / "whole")
    for step in range(3):
        loop = a_loop("parts", steps=3)
        assert (loop.first_step, loop.is_finished) == (step, False)
        found = run(loop, tmp_path / "parts", most_seconds=0.0)
        assert loop.is_finished == (step == 2)
    assert torch.equal(weights_of(undisturbed), weights_of(found))


def test_a_checkpoint_that_cannot_be_written_is_told_and_the_one_before_stays(a_loop, tmp_path):
    folder = tmp_path / "run"
    run(a_loop(steps=2), folder, most_seconds=0.0)
    before = (folder / "checkpoint.safetensors").read_bytes()
    (folder / "checkpoint.partial").mkdir()  # where the next one would be written
    with pytest.raises(UserError, match=r"checkpoint\.safetensors: the checkpoint of step 2 cannot be written"):
        run(a_loop(steps=2), folder)
    assert (folder / "checkpoint.safetensors").read_bytes() == before


def test_a_checkpoint_with_other_parts_is_told_by_name(a_loop, tmp_path):
    other = torch.nn.Linear(2, 2)
    (tmp_path / "run").mkdir()
    save_checkpoint(tmp_path / "run" / CHECKPOINT, 1, {"step": other}, torch.optim.AdamW(other.parameters()))
    with pytest.raises(UserError, match=r"holds step, and this run needs average, best, objective\. Choose another"):
        a_loop()


def test_an_average_without_decay_is_the_network_itself(a_loop, tmp_path):
    run(a_loop(steps=3, learning_rate=1e-2, average_decay=0.0), tmp_path / "run")
    held = load_file(tmp_path / "run" / CHECKPOINT)
    trained = {name.removeprefix("objective.network."): held[name] for name in held if name.startswith("objective.")}
    assert trained
    for name, tensor in trained.items():
        assert torch.equal(tensor, held[f"average.module.{name}"]), name


def test_a_finished_run_does_not_train_again(a_loop, tmp_path):
    first = weights_of(run(a_loop(steps=2), tmp_path / "run"))
    log = (tmp_path / "run" / "log.jsonl").read_bytes()
    again = a_loop(steps=2)
    assert again.is_finished
    assert torch.equal(first, weights_of(run(again, tmp_path / "run")))
    assert (tmp_path / "run" / "log.jsonl").read_bytes() == log


def test_the_loss_is_least_at_the_target_and_absent_classes_have_no_dice_term():
    fractions = BrightSpots()[0].target
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
